package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same client over TCP, with its own threads. */
@Timeout(60)
class NettyTest implements LinkListener {

    private final BlockingQueue<DisconnectReport> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<Connected> connected = new LinkedBlockingQueue<>();

    @Override
    public void onConnected(Connected event) {
        connected.add(event);
    }

    @Override
    public void onDisconnected(DisconnectReport report) {
        reports.add(report);
    }

    @Override
    public void onAttemptFailed(DisconnectReport report) {
        reports.add(report);
    }

    private RegistryClient client(int port) {
        return RegistryClient.builder()
                .target("127.0.0.1:" + port)
                .name("test")
                .onLink(this)
                .build();
    }

    private static long ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("registry-client-machine"))
                .count();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(30, TimeUnit.SECONDS);
        assertThat(item).isNotNull();
        return item;
    }

    /** Answers the first subscription with an empty snapshot, Open with a session, Goodbye with an end. */
    private static Server server() throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new WatchServiceGrpc.WatchServiceImplBase() {
                    @Override
                    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
                        return new Reader<>(request -> {
                            if (request.hasSubscribe()) {
                                out.onNext(Frames.snapshot(
                                        request.getSubscribe().getSubscriptionId(),
                                        SnapshotReason.SNAPSHOT_REASON_INITIAL,
                                        Frames.cursor(Frames.EPOCH, 3),
                                        Frames.instance("a", 2)));
                            }
                        });
                    }
                })
                .addService(new SessionServiceGrpc.SessionServiceImplBase() {
                    @Override
                    public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> out) {
                        return new Reader<>(request -> {
                            if (request.hasOpen()) {
                                out.onNext(Frames.opened("s1", 1));
                            } else if (request.hasGoodbye()) {
                                out.onCompleted();
                            }
                        });
                    }
                })
                .addService(new RegistrationServiceGrpc.RegistrationServiceImplBase() {
                    @Override
                    public void register(RegisterRequest request, StreamObserver<RegisterResponse> out) {
                        out.onNext(RegisterResponse.newBuilder()
                                .setCursor(Frames.cursor(Frames.EPOCH, 4))
                                .build());
                        out.onCompleted();
                    }
                })
                .build()
                .start();
    }

    private record Reader<Q>(java.util.function.Consumer<Q> read) implements StreamObserver<Q> {
        @Override
        public void onNext(Q request) {
            read.accept(request);
        }

        @Override
        public void onError(Throwable cancelled) {
            // The stream is over; nothing is held for it.
        }

        @Override
        public void onCompleted() {
            // The goodbye has ended it.
        }
    }

    @Test
    void close_afterUse_leavesNoThread() throws Exception {
        long before = ownThreads();
        Server server = server();
        try {
            RegistryClient client = client(server.getPort());
            Watch watch = client.watch("orders", new RecordingListener());
            Registration registration =
                    client.register("orders", Instance.builder("a").build());
            registration.registered().toCompletableFuture().get(30, TimeUnit.SECONDS);
            watch.synced().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(watch.instances()).hasSize(1);
            assertThat(ownThreads()).isGreaterThan(before);
            client.close();
            assertThat(ownThreads()).isEqualTo(before);
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void connect_dnsTarget_isResolved() throws Exception {
        Server server = server();
        try (RegistryClient client = RegistryClient.builder()
                .target("dns:///localhost:" + server.getPort())
                .onLink(this)
                .build()) {
            client.watch("orders", new RecordingListener());
            assertThat(next(connected).target()).startsWith("dns:///localhost:");
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void connect_nobodyListens_isRefused() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (RegistryClient client = client(port)) {
            Watch watch = client.watch("orders", new RecordingListener());
            assertThat(next(reports).cause()).isEqualTo(CloseCause.CONNECT_REFUSED);
            assertThat(next(reports).cause()).isEqualTo(CloseCause.CONNECT_REFUSED);
            assertThat(watch.view().stale()).isTrue();
        }
    }

    @Test
    void stream_serverGone_isNamedAndTheClientComesBack() throws Exception {
        Server first = server();
        int port = first.getPort();
        @Nullable Server second = null;
        try (RegistryClient client = client(port)) {
            client.watch("orders", new RecordingListener());
            next(connected);
            first.shutdownNow().awaitTermination();
            assertThat(next(reports).cause()).isIn(CloseCause.DRAINING, CloseCause.PEER_EOF, CloseCause.PEER_RESET);
            second = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .addServices(first.getServices())
                    .build()
                    .start();
            assertThat(next(connected).target()).endsWith(":" + port);
        } finally {
            first.shutdownNow();
            if (second != null) {
                second.shutdownNow();
            }
        }
    }

    @Test
    void connection_reset_isPeerReset() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                RegistryClient client = client(listening.getLocalPort())) {
            client.watch("orders", new RecordingListener());
            try (Socket accepted = listening.accept()) {
                // An empty SETTINGS frame makes the connection good; then it is reset.
                accepted.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
                assertThat(accepted.getInputStream().read()).isNotEqualTo(-1);
                assertThat(accepted.getInputStream().readNBytes(80)).isNotEmpty();
                accepted.setSoLinger(true, 0);
            }
            assertThat(next(reports).cause()).isEqualTo(CloseCause.PEER_RESET);
        }
    }
}
