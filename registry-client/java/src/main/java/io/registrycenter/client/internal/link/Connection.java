package io.registrycenter.client.internal.link;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One channel to a target, and the streams and calls that run over it: what one of them learns about the connection
 * concerns all. Confined to the serial executor.
 */
final class Connection {

    /**
     * How long a stream or call may stay without an answer once its connection is in doubt. A session that is silent for two
     * thirds of its TTL has a third left, 5 s by default: this and a new attempt fit in.
     */
    static final Duration PROOF = Duration.ofSeconds(2);

    /** A stream or a call that runs over a connection. */
    interface User {
        /** The connection is in doubt: is answered within {@link #PROOF}, or ends. */
        void prove();
    }

    private final String target;
    private final ManagedChannel channel;
    private final Serial serial;
    private final Set<User> users = new LinkedHashSet<>();
    private long heardNanos;

    Connection(Serial serial, String target, ManagedChannel channel) {
        this.serial = serial;
        this.target = target;
        this.channel = channel;
        this.heardNanos = serial.nanoTime();
    }

    String target() {
        return target;
    }

    ManagedChannel channel() {
        return channel;
    }

    void add(User user) {
        serial.check();
        users.add(user);
    }

    void remove(User user) {
        serial.check();
        users.remove(user);
    }

    /** Something arrived over it. */
    void heard() {
        heardNanos = serial.nanoTime();
    }

    /** Whether something arrived over it at that time or later. */
    boolean heardSince(long nanos) {
        return heardNanos - nanos >= 0;
    }

    /** It is in doubt: asks all that run over it. */
    void doubt() {
        serial.check();
        List.copyOf(users).forEach(User::prove);
    }
}
