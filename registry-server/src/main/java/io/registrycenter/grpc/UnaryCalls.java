package io.registrycenter.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** What all unary calls do the same way. Everything runs on the event loop of the call's connection. */
final class UnaryCalls {

    private UnaryCalls() {}

    /** The same service, whose calls refuse bytes that are no request; its schema stays, so that reflection still describes it. */
    static ServerServiceDefinition bound(ServerServiceDefinition generated) {
        ServiceDescriptor described = generated.getServiceDescriptor();
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        ServiceDescriptor.Builder ours = ServiceDescriptor.newBuilder(described.getName());
        for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
            ServerMethodDefinition<?, ?> refusing = refusing(method);
            methods.add(refusing);
            ours.addMethod(refusing.getMethodDescriptor());
        }
        if (described.getSchemaDescriptor() != null) {
            ours.setSchemaDescriptor(described.getSchemaDescriptor());
        }
        ServerServiceDefinition.Builder bound = ServerServiceDefinition.builder(ours.build());
        methods.forEach(bound::addMethod);
        return bound.build();
    }

    private static <Q, A> ServerMethodDefinition<Q, A> refusing(ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> generated = method.getMethodDescriptor();
        if (!(generated.getRequestMarshaller() instanceof PrototypeMarshaller<Q> requests)
                || requests.getMessagePrototype() == null) {
            throw new IllegalStateException(generated.getFullMethodName() + " takes no protobuf message");
        }
        return ServerMethodDefinition.create(
                generated.toBuilder(
                                new RequestMarshaller<>(requests, requests.getMessagePrototype()),
                                generated.getResponseMarshaller())
                        .build(),
                method.getServerCallHandler());
    }

    /**
     * Runs a use case and answers with its result, or with the error it ended with.
     *
     * @param loop the event loop of the call: a use case completes elsewhere, the answer is made and sent here
     */
    static <W, R> void answer(
            Executor loop, StreamObserver<R> observer, Supplier<CompletableFuture<W>> useCase, Function<W, R> toWire) {
        dropAnswersToWhoHasGone(observer);
        run(loop, observer, useCase, toWire);
    }

    /**
     * The same for a call that writes, but after everything that was read together with its request, a cancellation right behind
     * it for example: who has given up may have asked another server, and gone on.
     */
    static <W, R> void answerLast(
            Executor loop, StreamObserver<R> observer, Supplier<CompletableFuture<W>> useCase, Function<W, R> toWire) {
        dropAnswersToWhoHasGone(observer);
        loop.execute(Context.current().wrap(() -> run(loop, observer, useCase, toWire)));
    }

    private static <R> void dropAnswersToWhoHasGone(StreamObserver<R> observer) {
        // With a handler they are dropped in silence; without, they would throw.
        ((ServerCallStreamObserver<R>) observer).setOnCancelHandler(() -> {});
    }

    private static <W, R> void run(
            Executor loop, StreamObserver<R> observer, Supplier<CompletableFuture<W>> useCase, Function<W, R> toWire) {
        CompletableFuture<W> result;
        try {
            result = useCase.get();
        } catch (RuntimeException | Error refused) {
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
        } catch (RuntimeException | Error failed) {
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
