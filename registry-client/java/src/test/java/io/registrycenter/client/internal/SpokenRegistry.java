package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A registry over TCP that makes every stream live, and whose part is then spoken by a test. */
final class SpokenRegistry implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    final BlockingQueue<WatchHello> hellos = new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamObserver<WatchResponse>> watches = new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamObserver<AttachResponse>> sessions = new LinkedBlockingQueue<>();
    private final Server server;

    SpokenRegistry() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new Watching())
                .addService(new Attaching())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    /** The server's side of the oldest stream that was not taken yet. */
    StreamObserver<WatchResponse> watch() throws InterruptedException {
        return next(watches);
    }

    StreamObserver<AttachResponse> session() throws InterruptedException {
        return next(sessions);
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(item).isNotNull();
        return item;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Watching extends WatchServiceGrpc.WatchServiceImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
            return new Reader<>(out, request -> {
                if (request.hasHello()) {
                    hellos.add(request.getHello());
                    out.onNext(Frames.welcome());
                } else if (request.hasSubscribe()) {
                    out.onNext(Frames.snapshot(
                            request.getSubscribe().getSubscriptionId(),
                            SnapshotReason.SNAPSHOT_REASON_INITIAL,
                            Frames.cursor(Frames.EPOCH, 3)));
                    watches.add(out);
                }
            });
        }
    }

    private final class Attaching extends SessionServiceGrpc.SessionServiceImplBase {
        @Override
        public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> out) {
            return new Reader<>(out, request -> {
                if (request.hasOpen()) {
                    out.onNext(Frames.opened("s1", 1));
                    sessions.add(out);
                }
            });
        }
    }

    private record Reader<Q>(StreamObserver<?> out, Consumer<Q> read) implements StreamObserver<Q> {
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
            out.onCompleted();
        }
    }
}
