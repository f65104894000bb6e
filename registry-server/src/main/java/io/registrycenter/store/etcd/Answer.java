package io.registrycenter.store.etcd;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The one answer of a unary call, or its failure; told once, on gRPC's thread for the call. */
final class Answer<T> implements StreamObserver<T> {

    private final Consumer<T> answered;
    private final Consumer<Throwable> failed;
    private @Nullable T value;

    Answer(Consumer<T> answered, Consumer<Throwable> failed) {
        this.answered = answered;
        this.failed = failed;
    }

    @Override
    public void onNext(T next) {
        value = next;
    }

    @Override
    public void onError(Throwable failure) {
        failed.accept(failure);
    }

    @Override
    public void onCompleted() {
        T arrived = value;
        if (arrived == null) {
            failed.accept(Status.INTERNAL.withDescription("no answer").asRuntimeException());
        } else {
            answered.accept(arrived);
        }
    }
}
