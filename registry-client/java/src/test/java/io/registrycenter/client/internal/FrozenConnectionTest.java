package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over TCP: what was connected goes silent for ever, while new connections to the same address work. */
@Timeout(60)
class FrozenConnectionTest {

    private static final Duration TTL = Duration.ofSeconds(3);

    private static final class Links implements LinkListener {
        final BlockingQueue<Connected> connected = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectReport> ends = new LinkedBlockingQueue<>();

        @Override
        public void onConnected(Connected event) {
            connected.add(event);
        }

        @Override
        public void onDisconnected(DisconnectReport report) {
            ends.add(report);
        }

        @Override
        public void onAttemptFailed(DisconnectReport report) {
            ends.add(report);
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(30, TimeUnit.SECONDS);
        assertThat(item).isNotNull();
        return item;
    }

    private static Set<StreamKind> bothConnected(Links links) throws InterruptedException {
        return EnumSet.of(next(links.connected).stream(), next(links.connected).stream());
    }

    @Test
    void connectionFrozen_everyStreamIsBackOverAnother_whateverTheTargetsForm() throws Exception {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addServices(EchoRegistry.services(TTL))
                .build()
                .start();
        Links plain = new Links();
        Links named = new Links();
        try (CutRelay relay = new CutRelay(server.getPort());
                RegistryClient first = client("127.0.0.1:" + relay.port(), plain);
                RegistryClient second = client("dns:///localhost:" + relay.port(), named)) {
            Watch watch = use(first);
            use(second);
            assertThat(bothConnected(plain)).hasSize(2);
            assertThat(bothConnected(named)).hasSize(2);
            relay.freeze();

            for (Links links : new Links[] {plain, named}) {
                DisconnectReport session = next(links.ends);
                assertThat(session.stream()).isEqualTo(StreamKind.SESSION);
                assertThat(session.cause()).isEqualTo(CloseCause.READ_TIMEOUT);
                DisconnectReport lost = next(links.ends);
                assertThat(lost.stream()).isEqualTo(StreamKind.WATCH);
                assertThat(lost.cause()).isEqualTo(CloseCause.READ_TIMEOUT);
                assertThat(bothConnected(links)).hasSize(2);
                assertThat(links.ends).as("attempts over the dead connection").isEmpty();
            }
            assertThat(watch.view().stale()).isFalse();
            assertThat(first.services().toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .isNotNull();
        } finally {
            server.shutdownNow();
        }
    }

    private static RegistryClient client(String target, Links links) {
        return RegistryClient.builder().target(target).onLink(links).build();
    }

    private static Watch use(RegistryClient client) {
        client.register("orders", Instance.builder("a").build());
        return client.watch("orders", change -> {});
    }
}
