package io.registrycenter.client.internal;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.ListServicesResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The least a registry can be: one session, one instance that never changes, every resume is welcome. Any thread. */
final class EchoRegistry {

    private EchoRegistry() {}

    static List<ServerServiceDefinition> services() {
        return services(Duration.ofSeconds(15));
    }

    /** @param ttl of its sessions */
    static List<ServerServiceDefinition> services(Duration ttl) {
        return Stream.of(new Watching(), new Sessions(ttl), new Registrations(), new Catalog())
                .map(BindableService::bindService)
                .toList();
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

    private static final class Watching extends WatchServiceGrpc.WatchServiceImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
            return new Reader<>(out, request -> {
                WatchSubscribe asked = request.getSubscribe();
                if (asked.hasCursor()) {
                    out.onNext(Frames.heartbeat(asked.getSubscriptionId(), 0, asked.getCursor()));
                } else if (request.hasSubscribe()) {
                    out.onNext(Frames.snapshot(
                            asked.getSubscriptionId(),
                            SnapshotReason.SNAPSHOT_REASON_INITIAL,
                            Frames.cursor(Frames.EPOCH, 3),
                            Frames.instance("a", 2)));
                }
            });
        }
    }

    private static final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
        private final AtomicLong fence = new AtomicLong();
        private final Duration ttl;

        Sessions(Duration ttl) {
            this.ttl = ttl;
        }

        @Override
        public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> out) {
            return new Reader<>(out, request -> {
                if (request.hasOpen() || request.hasResume()) {
                    out.onNext(Frames.openedFor("s1", fence.incrementAndGet(), ttl));
                } else if (request.hasHeartbeat()) {
                    out.onNext(Frames.reply());
                }
            });
        }
    }

    private static final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
        @Override
        public void listServices(ListServicesRequest request, StreamObserver<ListServicesResponse> out) {
            out.onNext(ListServicesResponse.newBuilder()
                    .setCursor(Frames.cursor(Frames.EPOCH, 4))
                    .build());
            out.onCompleted();
        }
    }

    private static final class Registrations extends RegistrationServiceGrpc.RegistrationServiceImplBase {
        @Override
        public void register(RegisterRequest request, StreamObserver<RegisterResponse> out) {
            out.onNext(RegisterResponse.newBuilder()
                    .setCursor(Frames.cursor(Frames.EPOCH, 4))
                    .build());
            out.onCompleted();
        }
    }
}
