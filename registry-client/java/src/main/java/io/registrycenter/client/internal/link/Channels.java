package io.registrycenter.client.internal.link;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.registrycenter.client.CloseCause;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * The targets, and for each the one connection that new streams and calls use. Confined to the serial executor, except
 * {@link #awaitEnd}.
 *
 * <p>A connection is left, which means that only what runs over it already goes on there, in three cases. It could not connect:
 * gRPC would go on by itself, on its own clock, answer new calls with the old failure and open connections that nobody asked for.
 * What ran over it was lost, and the target is a name: the next attempt may take another of its addresses. Or anything of this
 * client ran into a timeout: then all connections are left, whatever their target, because a path through a network that fell
 * silent once may have taken the others with it, and one that nothing runs over would not show it before the next timeout.
 */
public final class Channels {

    private final Serial serial;
    private final ChannelFactory factory;
    private final List<String> targets;
    private final DoubleSupplier random;
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    /** Take no new calls; those that run have not ended. */
    private final Set<ManagedChannel> left = new LinkedHashSet<>();

    /**
     * No channel is opened yet.
     *
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    public Channels(Serial serial, ChannelFactory factory, List<String> targets, DoubleSupplier random) {
        this.serial = serial;
        this.factory = factory;
        this.targets = List.copyOf(targets);
        this.random = random;
    }

    /** One of the targets at random, another than {@code last} where there is one. */
    public String pick(String last) {
        List<String> others = new ArrayList<>(targets);
        if (others.size() > 1) {
            others.remove(last);
        }
        return others.get((int) (random.getAsDouble() * others.size()));
    }

    public boolean several() {
        return targets.size() > 1;
    }

    /** The connection to a target, for a true attempt; to be used at once. */
    Connection ready(String target) {
        serial.check();
        Connection known = connections.get(target);
        if (known != null && known.channel().getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            leave(known);
            known = null;
        }
        if (known == null) {
            known = new Connection(serial, target, factory.open(target));
            connections.put(target, known);
            follow(known);
        }
        return known;
    }

    /**
     * A stream or call that ran over the connection has ended. After a timeout nothing new runs over any
     * connection that is there now; and what ran beside it has to prove itself, unless the server itself has spoken.
     */
    void ended(Connection connection, CloseCause cause) {
        serial.check();
        boolean silent = silent(cause);
        if (silent) {
            List.copyOf(connections.values()).forEach(this::leave);
        }
        moved(connection);
        if (silent || cause.origin() != CloseCause.Origin.SERVER) {
            connection.doubt();
        }
    }

    /** A stream moves on from the connection: where the target is a name, to any of its addresses. */
    void moved(Connection connection) {
        serial.check();
        if (Target.parse(connection.target()).several()) {
            leave(connection);
        }
    }

    /** Whether the end came of waiting for the other end, on either side. */
    private static boolean silent(CloseCause cause) {
        return switch (cause) {
            case READ_TIMEOUT, CONNECT_TIMEOUT, HEARTBEAT_TIMEOUT, IDLE_TIMEOUT, KEEPALIVE_TIMEOUT, CLIENT_DEADLINE ->
                true;
            default -> false;
        };
    }

    private void follow(Connection connection) {
        ManagedChannel channel = connection.channel();
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            leave(connection);
        } else if (state != ConnectivityState.SHUTDOWN) {
            channel.notifyWhenStateChanged(state, () -> serial.execute(() -> follow(connection)));
        }
    }

    private void leave(Connection connection) {
        if (connections.remove(connection.target(), connection)) {
            left.removeIf(ManagedChannel::isTerminated);
            left.add(connection.channel().shutdown());
        }
    }

    public void shutdown() {
        serial.check();
        connections.values().forEach(connection -> connection.channel().shutdownNow());
        left.forEach(ManagedChannel::shutdownNow);
    }

    /** After {@link #shutdown}, from any thread that may wait. */
    public void awaitEnd(long timeoutNanos) throws InterruptedException {
        List<ManagedChannel> all = new ArrayList<>(left);
        connections.values().forEach(connection -> all.add(connection.channel()));
        for (ManagedChannel channel : all) {
            channel.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS);
        }
        factory.close(timeoutNanos);
    }
}
