package io.registrycenter.client.internal;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.internal.cache.DiskCache;
import io.registrycenter.client.internal.cache.ViewCache;
import io.registrycenter.client.internal.callback.CallbackThreads;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.Pulse;
import io.registrycenter.client.internal.link.ChannelFactory;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.SystemTiming;
import io.registrycenter.client.internal.link.Timing;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.session.Keepers;
import io.registrycenter.client.internal.stats.Counters;
import io.registrycenter.client.internal.watch.Watches;
import io.registrycenter.proto.v1.ClientInfo;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts a client together. Any thread. */
public final class Clients {

    private static final int DISK_IDLE_SECONDS = 10;
    private static final int TOKEN_BYTES = 16;

    private Clients() {}

    /** A client of the real world: TCP, the machine's clock, true randomness. */
    public static RegistryClient open(
            ClientSettings settings, @Nullable LinkListener linkListener, @Nullable Executor executor) {
        OwnThreads machineThreads = new OwnThreads("registry-client-machine");
        SystemTiming timing = new SystemTiming(machineThreads);
        Callbacks callbacks = Callbacks.withThreads(
                new CallbackThreads(new OwnThreads("registry-client-callback"), timing::nanoTime),
                new CallbackThreads(new OwnThreads("registry-client-stage"), timing::nanoTime),
                executor,
                pulse(timing));
        ExecutorService disk = settings.cacheDirectory() == null ? null : diskThread(machineThreads);
        return open(
                settings,
                linkListener,
                callbacks,
                new World(
                        timing,
                        new NettyChannels(settings, machineThreads),
                        () -> ThreadLocalRandom.current().nextDouble(),
                        secrets(),
                        InstantSource.system(),
                        disk == null ? Runnable::run : disk),
                new Machinery.Own(timing, machineThreads, callbacks, disk));
    }

    /** A client of a world of the caller's making; the executor calls listeners and completes stages. */
    static RegistryClient open(
            ClientSettings settings, @Nullable LinkListener linkListener, Executor executor, World world) {
        return open(settings, linkListener, new Callbacks(executor, executor, pulse(world.timing())), world, null);
    }

    /**
     * What a client depends on.
     *
     * @param random 0 (inclusive) to 1 (exclusive)
     * @param tokens random names of at most 64 characters, another one each time
     * @param wallClock asked only for what two processes have to agree on
     * @param disk writes what is remembered; may block
     */
    record World(
            Timing timing,
            ChannelFactory channels,
            DoubleSupplier random,
            Supplier<String> tokens,
            InstantSource wallClock,
            Executor disk) {}

    private static RegistryClient open(
            ClientSettings settings,
            @Nullable LinkListener linkListener,
            Callbacks callbacks,
            World world,
            Machinery.@Nullable Own own) {
        Serial serial = new Serial(world.timing());
        Channels channels = new Channels(serial, world.channels(), settings.targets(), world.random());
        Counters counters = new Counters();
        LinkEvents events = new LinkEvents(linkListener, callbacks, counters);
        ViewCache cache = settings.cacheDirectory() == null
                ? ViewCache.NONE
                : new DiskCache(settings.cacheDirectory(), serial, world.disk());
        Findings findings = new Findings(serial);
        UnaryCalls calls = new UnaryCalls(serial, channels, findings, settings.callTimeout());
        ClientInfo info = ClientInfo.newBuilder()
                .setName(settings.name())
                .setVersion(settings.version())
                .setInstance(ManagementFactory.getRuntimeMXBean().getName())
                .build();
        Watches watches = new Watches(
                serial,
                channels,
                callbacks,
                events,
                findings,
                settings,
                info,
                cache,
                counters,
                world.wallClock(),
                world.random());
        Keepers keepers = new Keepers(
                serial, channels, calls, callbacks, events, findings, settings, info, world.tokens(), world.random());
        Reads reads = new Reads(serial, channels, calls, callbacks, watches::lastTarget);
        return new DefaultClient(
                settings, serial, watches, keepers, reads, counters, new Machinery(serial, channels, own));
    }

    static Pulse pulse(Timing timing) {
        return new Pulse() {
            @Override
            public long nanoTime() {
                return timing.nanoTime();
            }

            @Override
            public void after(long delayNanos, Runnable task) {
                timing.schedule(delayNanos, task);
            }
        };
    }

    /** What waits is bounded by the cache: one write for each namespace. */
    private static ExecutorService diskThread(OwnThreads threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(1, 1, DISK_IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Supplier<String> secrets() {
        SecureRandom random = new SecureRandom();
        return () -> {
            byte[] bytes = new byte[TOKEN_BYTES];
            random.nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        };
    }
}
