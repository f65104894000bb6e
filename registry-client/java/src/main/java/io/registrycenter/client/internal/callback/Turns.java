package io.registrycenter.client.internal.callback;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns that are under way, and the look at them five times a second while there are any: a hand-over that came to nothing
 * is repeated, threads that user code holds are made up for, and what takes long is named in the log.
 *
 * <p>The log has at most one warning of each kind in ten seconds. Any thread.
 */
final class Turns {

    /** What takes longer is named in the log. */
    static final long BLOCKED_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** And again after twice the time, but not less often than this. */
    static final long MAX_SILENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final Logger log = LoggerFactory.getLogger(Turns.class);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long BETWEEN_LINES_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MAX_NAMED = 5;

    private final Pulse pulse;
    private final List<CallbackThreads> threads;
    private final Set<Turn> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    @GuardedBy("this")
    private long nextFailureNanos;

    @GuardedBy("this")
    private long failures;

    /** Confined to the look, which is one at a time. */
    private @Nullable Long namedAtNanos;

    Turns(Pulse pulse, List<CallbackThreads> threads) {
        this.pulse = pulse;
        this.threads = List.copyOf(threads);
        this.nextFailureNanos = pulse.nanoTime();
    }

    long nanoTime() {
        return pulse.nanoTime();
    }

    void add(Turn turn) {
        underWay.add(turn);
    }

    void remove(Turn turn) {
        underWay.remove(turn);
    }

    /** A look is planned while a turn is under way. */
    void lookSoon() {
        if (underWay.isEmpty() || !looking.compareAndSet(false, true)) {
            return;
        }
        boolean planned = false;
        try {
            pulse.after(LOOK_NANOS, this::look);
            planned = true;
        } finally {
            if (!planned) {
                looking.set(false);
            }
        }
    }

    private void look() {
        looking.set(false);
        try {
            long now = nanoTime();
            threads.forEach(CallbackThreads::makeUpForHeld);
            underWay.forEach(turn -> turn.look(now));
            name(now);
        } catch (Throwable fault) {
            failed("The look at callbacks", fault);
        } finally {
            lookSoon();
        }
    }

    /** The client closes: whatever was not taken yet is handed over once more. */
    void handOverNow() {
        underWay.forEach(Turn::handOverNow);
    }

    private void name(long now) {
        if (namedAtNanos != null && now - namedAtNanos < BETWEEN_LINES_NANOS) {
            return;
        }
        List<Turn.Delay> delays = new ArrayList<>();
        for (Turn turn : underWay) {
            Turn.Delay delay = turn.overdue(now);
            if (delay != null) {
                delays.add(delay);
            }
        }
        if (delays.isEmpty()) {
            return;
        }
        namedAtNanos = now;
        delays.sort(Comparator.comparingLong(Turn.Delay::nanos).reversed());
        log.warn(
                "{} callbacks take long: {}{}",
                delays.size(),
                delays.stream().limit(MAX_NAMED).map(Turns::named).collect(Collectors.joining("; ")),
                delays.size() > MAX_NAMED ? "; and " + (delays.size() - MAX_NAMED) + " more" : "");
    }

    private static String named(Turn.Delay delay) {
        return delay.what() + " for " + seconds(delay.nanos()) + " s";
    }

    /** A call that was named in the log has returned. */
    void returned(String what, long nanos) {
        log.info("{} has returned after {} s", what, seconds(nanos));
    }

    /** Something was not handed over; it will be. */
    void failed(String what, Throwable failure) {
        long more;
        synchronized (this) {
            long now = nanoTime();
            if (now - nextFailureNanos < 0) {
                failures++;
                return;
            }
            nextFailureNanos = now + BETWEEN_LINES_NANOS;
            more = failures;
            failures = 0;
        }
        log.warn(
                "{} was not taken by the callback executor and is handed over again ({} more since the last such line)",
                what,
                more,
                failure);
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).toSeconds();
    }
}
