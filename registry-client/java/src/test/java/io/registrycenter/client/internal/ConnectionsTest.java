package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connections a client makes: those it has streams for, and to another address when one does not serve it. */
@Timeout(60)
class ConnectionsTest {

    private static final int CLIENTS = 12;

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

    private static final class Connections extends ServerTransportFilter {
        final BlockingQueue<Attributes> accepted = new LinkedBlockingQueue<>();

        @Override
        public Attributes transportReady(Attributes attributes) {
            accepted.add(attributes);
            return attributes;
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(30, TimeUnit.SECONDS);
        assertThat(item).isNotNull();
        return item;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void serverComesLate_takesOneConnectionAndNoneThatCarriesNothing() throws Exception {
        int port = freePort();
        Links links = new Links();
        Connections connections = new Connections();
        Server late = NettyServerBuilder.forAddress(loopback(port))
                .addServices(EchoRegistry.services())
                .addTransportFilter(connections)
                .build();
        try (RegistryClient client = RegistryClient.builder()
                .target("127.0.0.1:" + port)
                .onLink(links)
                .build()) {
            client.watch("orders", new RecordingListener());
            for (int i = 0; i < 5; i++) {
                next(links.ends);
            }
            late.start();
            next(links.connected);
            next(connections.accepted);
            // gRPC's own second and third attempt of what failed just before the start would come within this.
            assertThat(connections.accepted.poll(4, TimeUnit.SECONDS))
                    .as("another connection")
                    .isNull();
        } finally {
            late.shutdownNow();
        }
    }

    @Test
    void oneNameOfTwoServers_refusedByOne_reachesTheOther() throws Exception {
        Server refusing = NettyServerBuilder.forAddress(loopback(0))
                .addService(new Refusing())
                .build()
                .start();
        Server serving = NettyServerBuilder.forAddress(loopback(0))
                .addServices(EchoRegistry.services())
                .build()
                .start();
        Names names = new Names(List.of(loopback(refusing.getPort()), loopback(serving.getPort())));
        NameResolverRegistry.getDefaultRegistry().register(names);
        List<RegistryClient> clients = new ArrayList<>();
        try {
            // Half of them find the right one by chance at first.
            for (int i = 0; i < CLIENTS; i++) {
                Links links = new Links();
                RegistryClient client = RegistryClient.builder()
                        .target(Names.SCHEME + ":///registry")
                        .onLink(links)
                        .build();
                clients.add(client);
                client.watch("orders", new RecordingListener());
                next(links.connected);
            }
        } finally {
            clients.forEach(RegistryClient::close);
            NameResolverRegistry.getDefaultRegistry().deregister(names);
            refusing.shutdownNow();
            serving.shutdownNow();
        }
    }

    /** Takes connections, and refuses every stream. */
    private static final class Refusing extends WatchServiceGrpc.WatchServiceImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
            out.onError(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"));
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    // Refused already.
                }

                @Override
                public void onError(Throwable cancelled) {
                    // Nothing is held.
                }

                @Override
                public void onCompleted() {
                    // Refused already.
                }
            };
        }
    }

    /** Every name of this scheme has the same addresses. */
    private static final class Names extends NameResolverProvider {
        static final String SCHEME = "several";

        private final List<EquivalentAddressGroup> addresses;

        Names(List<InetSocketAddress> addresses) {
            this.addresses = addresses.stream().map(EquivalentAddressGroup::new).toList();
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "registry";
                }

                @Override
                public void start(Listener2 listener) {
                    listener.onResult(ResolutionResult.newBuilder()
                            .setAddressesOrError(io.grpc.StatusOr.fromValue(addresses))
                            .build());
                }

                @Override
                public void shutdown() {
                    // Nothing runs.
                }
            };
        }
    }
}
