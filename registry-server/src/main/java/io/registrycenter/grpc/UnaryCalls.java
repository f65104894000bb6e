package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** What all unary calls do the same way. Everything runs on the event loop of the call's connection. */
final class UnaryCalls {

    private UnaryCalls() {}

    /**
     * Runs a use case and answers with its result, or with the error it ended with.
     *
     * @param loop the event loop of the call: a use case completes elsewhere, the answer is made and sent here
     */
    static <W, R> void answer(
            Executor loop, StreamObserver<R> observer, Supplier<CompletableFuture<W>> useCase, Function<W, R> toWire) {
        // With a handler, answers to a client that has gone are dropped in silence; without, they would throw.
        ((ServerCallStreamObserver<R>) observer).setOnCancelHandler(() -> {});
        CompletableFuture<W> result;
        try {
            result = useCase.get();
        } catch (RuntimeException refused) {
            observer.onError(WireErrors.of(refused));
            return;
        }
        if (result.isDone()) {
            send(result, observer, toWire);
        } else {
            var unused = result.whenComplete((ignored, failure) -> loop.execute(() -> send(result, observer, toWire)));
        }
    }

    /** @param result is done */
    private static <W, R> void send(CompletableFuture<W> result, StreamObserver<R> observer, Function<W, R> toWire) {
        R answer;
        try {
            answer = toWire.apply(result.join());
        } catch (RuntimeException failed) {
            observer.onError(WireErrors.of(failed));
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** Whether the caller of the current call has stopped waiting; may be asked later, on any thread. */
    static BooleanSupplier expired() {
        Context context = Context.current();
        Deadline deadline = context.getDeadline();
        return () -> context.isCancelled() || (deadline != null && deadline.isExpired());
    }
}
