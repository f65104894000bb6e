package io.registrycenter.client.internal;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.ChannelFactory;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.SystemTiming;
import io.registrycenter.client.internal.link.Timing;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.session.Keepers;
import io.registrycenter.client.internal.watch.WatchProtocol;
import io.registrycenter.proto.v1.ClientInfo;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts a client together. Any thread. */
public final class Clients {

    private static final int MAX_CALLBACK_THREADS = 16;
    private static final int CALLBACK_IDLE_SECONDS = 10;
    private static final int TOKEN_BYTES = 16;

    private Clients() {}

    /** A client of the real world: TCP, the machine's clock, true randomness. */
    public static RegistryClient open(
            ClientSettings settings, @Nullable LinkListener linkListener, @Nullable Executor executor) {
        SystemTiming timing = new SystemTiming(threads("registry-client-timer"));
        ExecutorService own = executor == null ? callbackThreads() : null;
        return open(
                settings,
                linkListener,
                executor == null ? callbacks(own) : executor,
                new World(
                        timing,
                        new NettyChannels(settings, threads("registry-client-io")),
                        () -> ThreadLocalRandom.current().nextDouble(),
                        secrets()),
                timing,
                own);
    }

    /** A client of a world of the caller's making. */
    static RegistryClient open(
            ClientSettings settings, @Nullable LinkListener linkListener, Executor executor, World world) {
        return open(settings, linkListener, executor, world, null, null);
    }

    /**
     * What a client depends on.
     *
     * @param random 0 (inclusive) to 1 (exclusive)
     * @param tokens random names of at most 64 characters, another one each time
     */
    record World(Timing timing, ChannelFactory channels, DoubleSupplier random, Supplier<String> tokens) {}

    private static RegistryClient open(
            ClientSettings settings,
            @Nullable LinkListener linkListener,
            Executor executor,
            World world,
            @Nullable SystemTiming ownTiming,
            @Nullable ExecutorService ownCallbacks) {
        Serial serial = new Serial(world.timing());
        Channels channels = new Channels(serial, world.channels(), settings.targets(), world.random());
        Callbacks callbacks = new Callbacks(executor);
        LinkEvents events = new LinkEvents(linkListener, callbacks);
        UnaryCalls calls = new UnaryCalls(serial, channels, settings.callTimeout());
        ClientInfo info = ClientInfo.newBuilder()
                .setName(settings.name())
                .setVersion(settings.version())
                .setInstance(ManagementFactory.getRuntimeMXBean().getName())
                .build();
        WatchProtocol watches = new WatchProtocol(serial, channels, callbacks, events, settings, info, world.random());
        Keepers keepers =
                new Keepers(serial, channels, calls, callbacks, events, settings, info, world.tokens(), world.random());
        Reads reads = new Reads(serial, channels, calls, callbacks, watches::lastTarget);
        return new DefaultClient(
                settings, serial, watches, keepers, reads, new Machinery(serial, channels, ownTiming, ownCallbacks));
    }

    private static Executor callbacks(@Nullable ExecutorService own) {
        return Objects.requireNonNull(own, "made when the user brings no executor");
    }

    /**
     * So many listeners may block at the same time before others wait. What waits is bounded by the user: one turn for each
     * listener, one for each stage.
     */
    private static ExecutorService callbackThreads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MAX_CALLBACK_THREADS,
                MAX_CALLBACK_THREADS,
                CALLBACK_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads("registry-client-callback"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory threads(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
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
