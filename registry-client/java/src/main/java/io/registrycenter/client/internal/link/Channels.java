package io.registrycenter.client.internal.link;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/** The targets, and one channel for each for life. Confined to the serial executor, except {@link #awaitEnd}. */
public final class Channels {

    private final Serial serial;
    private final ChannelFactory factory;
    private final List<String> targets;
    private final DoubleSupplier random;
    private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();

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

    /**
     * The channel of a target, ready for a true attempt. A channel whose last connection failed would answer with that
     * old failure until its own backoff is over; ours decides, so it starts anew, name look-up included.
     */
    public ManagedChannel ready(String target) {
        serial.check();
        ManagedChannel channel = channels.computeIfAbsent(target, factory::open);
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.enterIdle();
        }
        return channel;
    }

    public void shutdown() {
        serial.check();
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    /** After {@link #shutdown}, from any thread that may wait. */
    public void awaitEnd(long timeoutNanos) throws InterruptedException {
        for (ManagedChannel channel : List.copyOf(channels.values())) {
            channel.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS);
        }
        factory.close(timeoutNanos);
    }
}
