package io.registrycenter.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.observe.LogFields;
import io.registrycenter.watch.PreviousEnd;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Where every end is told: it is remembered for operators, and said in one line with cause, evidence and advice. Ends that are
 * part of normal operation are said at DEBUG.
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
    private final RecentDisconnects recent;

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
    public CloseLog(LongSupplier nanoTime, RecentDisconnects recent) {
        this.nanoTime = nanoTime;
        this.recent = recent;
    }

    /** How loud a cause is. */
    static Level level(CloseCause cause) {
        if (cause.expected()) {
            return Level.DEBUG;
        }
        return cause == CloseCause.SERVER_FAULT ? Level.ERROR : Level.WARN;
    }

    /** Something ended. */
    void ended(Disconnect end) {
        recent.add(end);
        write(end);
    }

    private void write(Disconnect end) {
        Level level = level(end.cause());
        if (log.isEnabledForLevel(level) && mayWrite(end.cause())) {
            say(log.atLevel(level), end);
        }
    }

    /** A client tells what it saw of the end of its previous stream: an end that has another cause now is told again. */
    void reported(String streamId, Disconnect.ClientView view) {
        Disconnect amended = recent.reported(streamId, view);
        if (amended != null) {
            write(amended);
        }
    }

    /** How a watch stream ended that is remembered; null: it is not. */
    @Nullable
    PreviousEnd known(String streamId) {
        Disconnect end = recent.find(streamId);
        return end == null || end.kind() != Disconnect.Kind.WATCH
                ? null
                : new PreviousEnd(streamId, end.cause(), end.standing().said());
    }

    private static void say(LoggingEventBuilder line, Disconnect end) {
        CloseCause cause = end.cause();
        ClientInfo client = end.standing().client();
        StringBuilder text = new StringBuilder(end.kind().words());
        if (!end.id().isEmpty()) {
            text.append(' ').append(end.id());
            line = line.addKeyValue(LogFields.STREAM, end.id());
        }
        text.append(" ended: cause=").append(cause);
        text.append(" origin=").append(cause.origin());
        text.append(" phase=").append(end.standing().phase());
        text.append(" peer=").append(end.peer());
        if (!client.name().isEmpty()) {
            String name = client.version().isEmpty() ? client.name() : client.name() + "/" + client.version();
            text.append(" client=").append(name);
            line = line.addKeyValue(LogFields.CLIENT, name);
        }
        text.append(" age=").append(seconds(end.age())).append('s');
        text.append(" idle=").append(seconds(end.idle())).append('s');
        Disconnect.Progress progress = end.standing().progress();
        if (progress != null) {
            text.append(" sent=").append(progress.sent());
            text.append(" acknowledged=").append(progress.acknowledged() == null ? "-" : progress.acknowledged());
            text.append(" pending=").append(progress.pendingChanges());
        }
        if (end.evidence().errno() != null) {
            text.append(" errno=").append(end.evidence().errno());
            line = line.addKeyValue(LogFields.ERRNO, end.evidence().errno());
        }
        if (!end.evidence().transport().isEmpty()) {
            text.append(" transport=\"").append(end.evidence().transport()).append('"');
            line = line.addKeyValue(LogFields.TRANSPORT, end.evidence().transport());
        }
        text.append(" advice=").append(cause.advice());
        line.addKeyValue(LogFields.KIND, end.kind().name())
                .addKeyValue(LogFields.CAUSE, cause.name())
                .addKeyValue(LogFields.EXPECTED, cause.expected())
                .addKeyValue(LogFields.ORIGIN, cause.origin().name())
                .addKeyValue(LogFields.CONFIDENCE, end.confidence().name())
                .addKeyValue(LogFields.PHASE, end.standing().phase().name())
                .addKeyValue(LogFields.PEER, end.peer())
                .addKeyValue(LogFields.AGE_MS, end.age().toMillis())
                .addKeyValue(LogFields.IDLE_MS, end.idle().toMillis())
                .addKeyValue(LogFields.ADVICE, cause.advice().name())
                .log(text.toString());
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
                .addKeyValue(LogFields.CAUSE, cause.name())
                .addKeyValue(LogFields.COUNT, count)
                .log("{} more ended within the minute: cause={} advice={}", count, cause, cause.advice()));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f", duration.toNanos() / 1e9);
    }
}
