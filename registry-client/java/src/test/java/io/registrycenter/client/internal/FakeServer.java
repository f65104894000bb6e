package io.registrycenter.client.internal;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.DeregisterResponse;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.ListServicesResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.UpdateStatusResponse;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server in this process that keeps every stream for the test to answer, and answers unary calls with the next revision,
 * or with the failures that were lined up. Runs on the caller's thread.
 */
final class FakeServer {

    final List<Peer<WatchRequest, WatchResponse>> watches = new ArrayList<>();
    final List<Peer<AttachRequest, AttachResponse>> sessions = new ArrayList<>();
    final List<RegisterRequest> registers = new ArrayList<>();
    final List<UpdateStatusRequest> statuses = new ArrayList<>();
    final List<DeregisterRequest> deregisters = new ArrayList<>();
    /** Taken by the next unary calls, one each; the call counts as made. */
    final Deque<Throwable> failures = new ArrayDeque<>();

    /** Answers the registration calls in the place of this class; null: this class does. */
    @Nullable
    Registrar registrar;

    /** What a call does: an answer, or a failure. */
    interface Registrar {
        RegisterResponse register(RegisterRequest request);

        Cursor updateStatus(UpdateStatusRequest request);

        Cursor deregister(DeregisterRequest request);
    }

    /** Unary calls come, and get no answer. */
    boolean mute;

    int reads;
    /** The methods that were called, and whether the newest call had a deadline. */
    final Map<String, Boolean> deadlines = new TreeMap<>();

    private @Nullable Deque<Runnable> held;
    private final Map<String, Long> created = new TreeMap<>();
    private long revision = 100;
    private final String name;
    private @Nullable Server server;

    FakeServer(String name) {
        this.name = name;
        start();
    }

    void start() {
        try {
            server = InProcessServerBuilder.forName(name)
                    .directExecutor()
                    .intercept(new Deadlines())
                    .addService(new Watching())
                    .addService(new Sessions())
                    .addService(new Registrations())
                    .addService(new Catalog())
                    .build()
                    .start();
        } catch (IOException taken) {
            throw new UncheckedIOException(taken);
        }
    }

    void stop() {
        if (server != null) {
            server.shutdownNow();
        }
    }

    Peer<WatchRequest, WatchResponse> watch() {
        return watches.get(watches.size() - 1);
    }

    Peer<AttachRequest, AttachResponse> session() {
        return sessions.get(sessions.size() - 1);
    }

    /** Unary calls take effect, and are answered, when {@link #answerCalls} says so. */
    void holdCalls() {
        held = new ArrayDeque<>();
    }

    /** All that are held, in order, and those to come. */
    void answerCalls() {
        Deque<Runnable> calls = held;
        held = null;
        if (calls != null) {
            calls.forEach(Runnable::run);
        }
    }

    /** Another session has registered the id. */
    void replaced(String id) {
        created.remove(id);
    }

    private <R> void answer(StreamObserver<R> out, Supplier<R> response) {
        if (mute) {
            return;
        }
        if (held == null) {
            answerNow(out, response);
        } else {
            held.add(() -> answerNow(out, response));
        }
    }

    private <R> void answerNow(StreamObserver<R> out, Supplier<R> response) {
        Throwable failure = failures.poll();
        if (failure != null) {
            out.onError(failure);
            return;
        }
        R answer;
        try {
            answer = response.get();
        } catch (StatusRuntimeException refused) {
            out.onError(refused);
            return;
        }
        out.onNext(answer);
        out.onCompleted();
    }

    private Cursor next() {
        return Cursor.newBuilder().setEpoch("e1").setRevision(++revision).build();
    }

    private final class Deadlines implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            deadlines.put(
                    call.getMethodDescriptor().getBareMethodName(),
                    Context.current().getDeadline() != null);
            return next.startCall(call, headers);
        }
    }

    private final class Watching extends WatchServiceGrpc.WatchServiceImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
            Peer<WatchRequest, WatchResponse> peer = new Peer<>(out);
            watches.add(peer);
            return peer;
        }
    }

    private final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
        @Override
        public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> out) {
            Peer<AttachRequest, AttachResponse> peer = new Peer<>(out);
            sessions.add(peer);
            return peer;
        }
    }

    private final class Registrations extends RegistrationServiceGrpc.RegistrationServiceImplBase {
        @Override
        public void register(RegisterRequest request, StreamObserver<RegisterResponse> out) {
            registers.add(request);
            answer(out, () -> registrar == null ? registered(request) : registrar.register(request));
        }

        private RegisterResponse registered(RegisterRequest request) {
            Cursor cursor = next();
            long since = created.computeIfAbsent(request.getInstance().getId(), id -> cursor.getRevision());
            return RegisterResponse.newBuilder()
                    .setCursor(cursor)
                    .setInstance(request.getInstance().toBuilder().setCreatedRevision(since))
                    .build();
        }

        @Override
        public void updateStatus(UpdateStatusRequest request, StreamObserver<UpdateStatusResponse> out) {
            statuses.add(request);
            answer(
                    out,
                    () -> UpdateStatusResponse.newBuilder()
                            .setCursor(registrar == null ? next() : registrar.updateStatus(request))
                            .build());
        }

        @Override
        public void deregister(DeregisterRequest request, StreamObserver<DeregisterResponse> out) {
            deregisters.add(request);
            answer(out, () -> {
                created.remove(request.getInstanceId());
                return DeregisterResponse.newBuilder()
                        .setCursor(registrar == null ? next() : registrar.deregister(request))
                        .build();
            });
        }
    }

    private final class Catalog extends CatalogServiceGrpc.CatalogServiceImplBase {
        @Override
        public void listServices(ListServicesRequest request, StreamObserver<ListServicesResponse> out) {
            reads++;
            if (request.getNamespace().isEmpty()) {
                out.onError(Status.INVALID_ARGUMENT.asRuntimeException());
                return;
            }
            answer(
                    out,
                    () -> ListServicesResponse.newBuilder()
                            .setCursor(next())
                            .addServices(ListServicesResponse.Service.newBuilder()
                                    .setName("orders")
                                    .setInstances(2)
                                    .setUp(1))
                            .build());
        }
    }
}
