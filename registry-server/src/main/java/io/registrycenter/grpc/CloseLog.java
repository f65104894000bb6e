package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.CloseCause;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One line for every end that operators should know of: cause, peer, age, idle time, advice. Ends that are part of normal
 * operation are said at DEBUG.
 *
 * <p>Ends come in crowds: of one cause at most {@link #LINES} lines are written a minute, the rest is counted and said in one
 * line when the minute is over. Any thread; call {@link #summarise} every few seconds.
 */
public final class CloseLog {

    /** Lines for one cause in one minute. */
    static final int LINES = 5;

    static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger log = LoggerFactory.getLogger(CloseLog.class);

    private final LongSupplier nanoTime;

    /** Causes seen within their last minute. */
    @GuardedBy("this")
    private final Map<CloseCause, Window> windows = new EnumMap<>(CloseCause.class);

    /** What one cause has written since its window began. */
    private static final class Window {
        final long sinceNanos;
        int lines;
        long unsaid;

        Window(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }
    }

    /** @param nanoTime the monotonic clock */
    public CloseLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How loud a cause is. */
    static Level level(CloseCause cause) {
        if (cause.expected()) {
            return Level.DEBUG;
        }
        return cause == CloseCause.SERVER_FAULT ? Level.ERROR : Level.WARN;
    }

    /**
     * Something ended.
     *
     * @param what for example {@code watch stream 1f2e...}
     * @param idleNanos since the other end was heard
     */
    void ended(String what, CloseCause cause, String peer, long ageNanos, long idleNanos) {
        Level level = level(cause);
        if (log.isEnabledForLevel(level) && mayWrite(cause)) {
            log.atLevel(level)
                    .log(
                            "{} ended: cause={} origin={} peer={} age={}s idle={}s advice={}",
                            what,
                            cause,
                            cause.origin(),
                            peer,
                            seconds(ageNanos),
                            seconds(idleNanos),
                            cause.advice());
        }
    }

    private synchronized boolean mayWrite(CloseCause cause) {
        Window window = windows.computeIfAbsent(cause, c -> new Window(nanoTime.getAsLong()));
        if (window.lines < LINES) {
            window.lines++;
            return true;
        }
        window.unsaid++;
        return false;
    }

    /** Says how many ends were not said one by one, of each cause whose minute is over. */
    public void summarise() {
        Map<CloseCause, Long> unsaid = new EnumMap<>(CloseCause.class);
        synchronized (this) {
            long now = nanoTime.getAsLong();
            windows.entrySet().removeIf(entry -> {
                boolean over = now - entry.getValue().sinceNanos >= WINDOW_NANOS;
                if (over && entry.getValue().unsaid > 0) {
                    unsaid.put(entry.getKey(), entry.getValue().unsaid);
                }
                return over;
            });
        }
        unsaid.forEach((cause, count) -> log.atLevel(level(cause))
                .log("{} more ended within the minute: cause={} advice={}", count, cause, cause.advice()));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
    }
}
