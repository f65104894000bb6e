package io.registrycenter.store.etcd;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Unary calls to whichever member answers. For any thread; futures complete on the {@code store-answers} thread.
 */
final class Calls {

    /** Where there are others, one member may take this share of the timeout before the next one is asked. */
    private static final double ONE_TRY = 0.4;

    private final Endpoints endpoints;
    private final Tokens tokens;
    private final ScheduledExecutorService clock;
    private final LongSupplier nanoTime;
    private final Duration timeout;
    private final Alarms alarms = new Alarms();

    Calls(Endpoints endpoints, Tokens tokens, ScheduledExecutorService clock, LongSupplier nanoTime, Duration timeout) {
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.timeout = timeout;
    }

    Alarms alarms() {
        return alarms;
    }

    /** The {@link System#nanoTime} at which a call that begins now must have its answer. */
    long deadline() {
        return nanoTime.getAsLong() + timeout.toNanos();
    }

    /**
     * One try. Fails with gRPC's exception; where that leaves it open what became of the request, the next try asks the next
     * member.
     *
     * @param only there will be no other try, so this one may take all the time there is
     */
    <Q, A> CompletableFuture<A> once(MethodDescriptor<Q, A> method, Q request, long deadlineNanos, boolean only) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        long most = only || endpoints.alone() ? timeout.toNanos() : (long) (timeout.toNanos() * ONE_TRY);
        long left = Math.max(1, Math.min(most, deadlineNanos - nanoTime.getAsLong()));
        ManagedChannel channel = endpoints.current();
        CallOptions options = tokens.on(CallOptions.DEFAULT.withDeadlineAfter(left, TimeUnit.NANOSECONDS));
        Answer<A> receiver = new Answer<>(
                value -> {
                    endpoints.answered();
                    alarms.answered(method);
                    answer.complete(value);
                },
                failure -> answer.completeExceptionally(noted(failure, channel).asRuntimeException()));
        // In nobody's context: a client's call that is answered, or given up, would end what is done for others too.
        Context callers = Context.ROOT.attach();
        try {
            ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, receiver);
        } finally {
            Context.ROOT.detach(callers);
        }
        return answer;
    }

    /** What a failure says of the member and of the token. */
    private Status noted(Throwable failure, ManagedChannel channel) {
        Status status = Status.fromThrowable(failure);
        if (status.getCode() == Status.Code.INVALID_ARGUMENT && tokens.needed() && !Troubles.isTooLarge(status)) {
            // Also how etcd says that a token is from before somebody changed users or roles.
            status = Status.UNAUTHENTICATED.withDescription(status.getDescription());
        }
        alarms.failed(status);
        switch (Troubles.of(status)) {
            case UNKNOWN -> endpoints.failed(channel);
            case WHO_ARE_YOU -> tokens.refused();
            case NOT_NOW, REFUSED -> endpoints.answered();
        }
        return status;
    }

    /** Tries until it is answered, refused for good, or late: only for requests that may be carried out more than once. */
    <Q, A> CompletableFuture<A> untilAnswered(MethodDescriptor<Q, A> method, Q request) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        attempt(method, request, deadline(), Backoff.ofCall(), null, answer);
        return answer;
    }

    /** @param earlier why the last try failed: says more than that the time was over before the next one had an answer */
    private <Q, A> void attempt(
            MethodDescriptor<Q, A> method,
            Q request,
            long deadline,
            Backoff backoff,
            @Nullable Throwable earlier,
            CompletableFuture<A> answer) {
        var unused = once(method, request, deadline, false).whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
                return;
            }
            boolean late = Troubles.status(failure).getCode() == Status.Code.DEADLINE_EXCEEDED;
            Throwable reason = late && earlier != null ? earlier : failure;
            boolean again = mayTryAgain(failure, deadline)
                    && later(() -> attempt(method, request, deadline, backoff, reason, answer), backoff.next());
            if (!again) {
                answer.completeExceptionally(reason);
            }
        });
    }

    /** Whether another try makes sense and there is time for it. */
    boolean mayTryAgain(Throwable failure, long deadlineNanos) {
        return Troubles.of(Troubles.status(failure)) != Troubles.Meaning.REFUSED && !late(deadlineNanos);
    }

    boolean late(long deadlineNanos) {
        return deadlineNanos - nanoTime.getAsLong() <= 0;
    }

    /** False when the store is closed by now. */
    boolean later(Runnable work, long delayMs) {
        try {
            var unused = clock.schedule(work, delayMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    /** Waits; not for threads of the engine. */
    void pause(long ms) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        if (later(() -> over.complete(null), ms)) {
            over.join();
        }
    }

    /** Waits for an answer; not for threads of the engine. */
    <A> A await(String what, CompletableFuture<A> answer) {
        try {
            return answer.orTimeout(timeout.toMillis() * 2, TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            throw Troubles.asStoreException(what, e);
        }
    }
}
