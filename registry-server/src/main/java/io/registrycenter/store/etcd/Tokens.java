package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.registrycenter.store.etcd.wire.AuthGrpc;
import io.registrycenter.store.etcd.wire.AuthenticateRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who we are, on every call: a token that etcd gives for user and password, fetched by the first call that needs one and again
 * after it was refused; one at a time, whoever else needs it waits for the same answer.
 *
 * <p>For any thread.
 */
final class Tokens extends CallCredentials {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final Endpoints calls;
    private final String user;
    private final String password;
    private final long timeoutMs;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable CompletableFuture<String> token;

    Tokens(Endpoints calls, EtcdSettings settings) {
        this.calls = calls;
        this.user = settings.user();
        this.password = settings.password();
        this.timeoutMs = settings.requestTimeout().toMillis();
    }

    boolean needed() {
        return !user.isEmpty();
    }

    /** The options of a call that says who we are. */
    CallOptions on(CallOptions options) {
        return needed() ? options.withCallCredentials(this) : options;
    }

    /** The token was refused: the next call fetches another one. */
    void refused() {
        lock.lock();
        try {
            if (token != null && token.isDone()) {
                token = null;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
        var unused = token().whenComplete((value, failure) -> {
            if (value == null) {
                applier.fail(failure == null ? Status.UNAUTHENTICATED : unbelieved(Troubles.status(failure)));
            } else {
                Metadata headers = new Metadata();
                headers.put(TOKEN, value);
                applier.apply(headers);
            }
        });
    }

    /**
     * How a call fails whose user is not believed. As etcd says it (INVALID_ARGUMENT for a wrong password), gRPC would not pass it
     * on for a call's credentials: it would become INTERNAL, which means that nobody knows what became of the call.
     */
    private static Status unbelieved(Status status) {
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, FAILED_PRECONDITION, PERMISSION_DENIED, NOT_FOUND ->
                Status.UNAUTHENTICATED.withDescription(status.getDescription()).withCause(status.getCause());
            default -> status;
        };
    }

    private CompletableFuture<String> token() {
        CompletableFuture<String> fetched;
        lock.lock();
        try {
            if (token != null && !token.isCompletedExceptionally()) {
                return token;
            }
            fetched = new CompletableFuture<>();
            token = fetched;
        } finally {
            lock.unlock();
        }
        ManagedChannel channel = calls.current();
        ClientCalls.asyncUnaryCall(
                channel.newCall(
                        AuthGrpc.getAuthenticateMethod(),
                        CallOptions.DEFAULT.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)),
                AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build(),
                new Answer<>(answer -> fetched.complete(answer.getToken()), failure -> {
                    calls.failed(channel);
                    fetched.completeExceptionally(failure);
                }));
        return fetched;
    }
}
