package io.registrycenter.client.internal.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the links and calls of one client find out about its servers, for each other: that one was reached, and how long one that
 * leaves may stay away, which only sessions are told. Confined to the serial executor.
 */
public final class Findings {

    /** The default of {@code registry.session.restart-grace}: holds until a server has said its own. */
    static final Duration RESTART_GRACE = Duration.ofSeconds(30);

    private final Serial serial;
    private final List<Consumer<Reached>> followers = new ArrayList<>();
    private @Nullable Reached newest;
    private Duration restartGrace = RESTART_GRACE;

    /** A server took a stream, or answered a call. */
    record Reached(String target, long atNanos) {}

    public Findings(Serial serial) {
        this.serial = serial;
    }

    /** Told of each, as it happens: all links of the client, which live as long as it does. */
    void follow(Consumer<Reached> follower) {
        followers.add(follower);
    }

    void reached(String target) {
        serial.check();
        Reached found = new Reached(target, serial.nanoTime());
        newest = found;
        followers.forEach(follower -> follower.accept(found));
    }

    /** What was reached last, if that was not before the time. */
    @Nullable
    Reached since(long nanos) {
        Reached known = newest;
        return known == null || known.atNanos - nanos < 0 ? null : known;
    }

    /** A server has said it with a session; what it does not say (0) changes nothing. */
    public void restartGrace(Duration announced) {
        serial.check();
        if (!announced.isZero() && !announced.isNegative()) {
            restartGrace = announced;
        }
    }

    /** How long a server that left on purpose may stay away: as announced last, also when that session is over. */
    Duration restartGrace() {
        return restartGrace;
    }
}
