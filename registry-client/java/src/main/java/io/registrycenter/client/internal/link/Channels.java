package io.registrycenter.client.internal.link;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * The targets, and one channel for each, for as long as it connects. Confined to the serial executor, except {@link #awaitEnd}.
 *
 * <p>A channel that could not connect would go on by itself, on gRPC's own clock: it would answer new calls with the old
 * failure, and open connections that nobody asked for and that nothing ever runs on, also for seconds after it was sent back to
 * idle. When to connect is the backoff's business alone, so such a channel is let go at once, and the next attempt makes a fresh
 * one, name look-up included.
 */
public final class Channels {

    /** As in {@code dns:///name:port}: the target is a name, which may stand for several addresses. */
    private static final String NAME = ":///";

    private final Serial serial;
    private final ChannelFactory factory;
    private final List<String> targets;
    private final DoubleSupplier random;
    private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();
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

    /** The channel of a target, for a true attempt; to be used at once. */
    public ManagedChannel ready(String target) {
        serial.check();
        ManagedChannel known = channels.get(target);
        if (known != null && known.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            leave(target, known);
            known = null;
        }
        if (known == null) {
            known = factory.open(target);
            channels.put(target, known);
            follow(target, known);
        }
        return known;
    }

    /**
     * What ran over this channel was lost, refused or asked to go. Where the target is a name, the next attempt may take any of
     * its addresses instead of the connection that is there; what still runs on that is left alone.
     */
    public void elsewhere(String target, ManagedChannel channel) {
        serial.check();
        if (target.contains(NAME)) {
            leave(target, channel);
        }
    }

    private void follow(String target, ManagedChannel channel) {
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            leave(target, channel);
        } else if (state != ConnectivityState.SHUTDOWN) {
            channel.notifyWhenStateChanged(state, () -> serial.execute(() -> follow(target, channel)));
        }
    }

    private void leave(String target, ManagedChannel channel) {
        if (channels.remove(target, channel)) {
            left.removeIf(ManagedChannel::isTerminated);
            left.add(channel.shutdown());
        }
    }

    public void shutdown() {
        serial.check();
        channels.values().forEach(ManagedChannel::shutdownNow);
        left.forEach(ManagedChannel::shutdownNow);
    }

    /** After {@link #shutdown}, from any thread that may wait. */
    public void awaitEnd(long timeoutNanos) throws InterruptedException {
        List<ManagedChannel> all = new ArrayList<>(channels.values());
        all.addAll(left);
        for (ManagedChannel channel : all) {
            channel.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS);
        }
        factory.close(timeoutNanos);
    }
}
