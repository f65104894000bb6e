package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.Proof;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.Watch;
import io.registrycenter.client.internal.link.ChannelFactory;
import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.client.internal.link.SystemTiming;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One client over TCP whose connections are reset again and again: nothing is left of them. */
class ReconnectCyclesTest {

    private static final int WARM_UP = 50;
    private static final long PATIENCE_SECONDS = 30;

    /** Both streams share a connection, and come back apart. */
    private static final class Links implements LinkListener {
        final Semaphore live = new Semaphore(0);

        @Override
        public void onConnected(Connected connected) {
            live.release();
        }

        @Override
        public void onDisconnected(DisconnectReport report) {
            // Expected in every cycle; what counts is that it comes back.
        }
    }

    private static final class Counting implements ChannelFactory {
        private final ChannelFactory real;
        final AtomicInteger opened = new AtomicInteger();

        Counting(ChannelFactory real) {
            this.real = real;
        }

        @Override
        public ManagedChannel open(String target) {
            opened.incrementAndGet();
            return real.open(target);
        }

        @Override
        public void close(long timeoutNanos) throws InterruptedException {
            real.close(timeoutNanos);
        }
    }

    @Test
    void reconnect_manyTimes_threadsChannelsAndDirectMemoryAreBackAtTheBaseline() throws Exception {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addServices(EchoRegistry.services())
                .build()
                .start();
        OwnThreads threads = new OwnThreads("registry-client-machine");
        SystemTiming timing = new SystemTiming(threads);
        try (CutRelay relay = new CutRelay(server.getPort())) {
            ClientSettings settings = settings("127.0.0.1:" + relay.port());
            Counting channels = new Counting(new NettyChannels(settings, threads));
            Links links = new Links();
            AtomicInteger tokens = new AtomicInteger();
            // Dice that show 0 make every wait as short as it can be.
            RegistryClient client = Clients.open(
                    settings,
                    links,
                    Runnable::run,
                    new Clients.World(
                            timing,
                            channels,
                            () -> 0,
                            () -> "token-" + tokens.incrementAndGet(),
                            InstantSource.system(),
                            Runnable::run));
            Watch watch = client.watch("orders", new RecordingListener());
            Registration registration =
                    client.register("orders", Instance.builder("a").build());
            registration.registered().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            awaitBoth(links);
            cycle(WARM_UP, relay, links);
            int threadsBefore = ownThreads();
            long directBefore = PlatformDependent.usedDirectMemory();

            cycle(Proof.times(300, 10_000), relay, links);

            assertThat(ownThreads()).as("threads").isLessThanOrEqualTo(threadsBefore);
            assertThat(PlatformDependent.usedDirectMemory()).as("direct memory").isLessThanOrEqualTo(directBefore);
            assertThat(channels.opened).as("one channel for life").hasValue(1);
            assertThat(relay.connections()).as("open connections").isEqualTo(1);
            assertThat(watch.view().stale()).isFalse();
            assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
            client.close();
        } finally {
            server.shutdownNow();
            timing.close();
            threads.join(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
        }
        assertThat(ownThreads()).isZero();
    }

    private static void cycle(int times, CutRelay relay, Links links) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            relay.reset();
            awaitBoth(links);
        }
    }

    private static void awaitBoth(Links links) throws InterruptedException {
        assertThat(links.live.tryAcquire(2, PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("both streams are live again")
                .isTrue();
    }

    private static int ownThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && thread.getName().startsWith("registry-client-machine"))
                .count();
    }

    private static ClientSettings settings(String target) {
        return new ClientSettings(
                List.of(target),
                "cycles",
                "1",
                "default",
                false,
                Duration.ofSeconds(90),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ZERO,
                null);
    }
}
