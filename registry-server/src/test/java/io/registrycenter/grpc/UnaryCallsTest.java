package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A call is answered whatever its use case throws: nobody waits for his deadline because of a fault of this server. */
class UnaryCallsTest {

    private static final class Caller extends ServerCallStreamObserver<String> {
        private final List<Status.Code> answers = new ArrayList<>();

        @Override
        public void onNext(String value) {
            answers.add(Status.Code.OK);
        }

        @Override
        public void onError(Throwable failure) {
            answers.add(Status.fromThrowable(failure).getCode());
        }

        @Override
        public void onCompleted() {
            // The one answer was given.
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            // It stays.
        }

        @Override
        public void setCompression(String compression) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void disableAutoInboundFlowControl() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void request(int count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setMessageCompression(boolean enable) {
            throw new UnsupportedOperationException();
        }
    }

    private static List<Status.Code> answers(
            Supplier<CompletableFuture<String>> useCase, Function<String, String> toWire) {
        Caller caller = new Caller();
        UnaryCalls.answer(Runnable::run, caller, useCase, toWire);
        return caller.answers;
    }

    private static AssertionError fault() {
        return new AssertionError("a fault of the test");
    }

    @Test
    void useCase_throwsAnError_isAnswered() {
        assertThat(answers(
                        () -> {
                            throw fault();
                        },
                        text -> text))
                .containsExactly(Status.Code.INTERNAL);
    }

    @Test
    void answer_cannotBeMade_isAnswered() {
        assertThat(answers(() -> CompletableFuture.completedFuture("x"), text -> {
                    throw fault();
                }))
                .containsExactly(Status.Code.INTERNAL);
        CompletableFuture<String> later = new CompletableFuture<>();
        Caller caller = new Caller();
        UnaryCalls.<String, String>answer(Runnable::run, caller, () -> later, text -> {
            throw fault();
        });
        later.complete("x");
        assertThat(caller.answers).containsExactly(Status.Code.INTERNAL);
    }
}
