package io.registrycenter.grpc;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The client's side of one stream, for tests: says things, and waits for what comes back. */
final class Conversation<Q, A> implements ClientResponseObserver<Q, A> {

    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<A> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<Q> out;

    private final boolean reading;

    Conversation() {
        this(true);
    }

    /** @param reading false: nothing is read but the first answer */
    Conversation(boolean reading) {
        this.reading = reading;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> requests) {
        out = requests;
        if (!reading) {
            requests.disableAutoRequestWithInitial(1);
        }
    }

    @Override
    public void onNext(A answer) {
        answers.add(answer);
    }

    @Override
    public void onError(Throwable thrown) {
        failure.complete(thrown);
        end.complete(Status.fromThrowable(thrown));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }

    void say(Q request) {
        out().onNext(request);
    }

    void complete() {
        out().onCompleted();
    }

    /** Also on a connection that is gone: there a cancel is not heard, and what was not read stays until it is asked for. */
    void cancel() {
        out().cancel("the test is done", null);
        out().request(Integer.MAX_VALUE);
    }

    /** The next answer of any kind. */
    A next() throws InterruptedException {
        A answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("nothing came; ended: " + end.getNow(null));
        }
        return answer;
    }

    /** The next answer that is wanted; others before it are passed over. */
    A next(Predicate<A> wanted) throws InterruptedException {
        A answer = next();
        while (!wanted.test(answer)) {
            answer = next();
        }
        return answer;
    }

    /** What came and was not asked for yet. */
    int waiting() {
        return answers.size();
    }

    Status end() {
        return end.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    ErrorInfo endInfo() {
        return Details.info(
                failure.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    }

    boolean hasEnded() {
        return end.isDone();
    }

    RetryInfo endRetry() {
        return Details.find(
                failure.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join(), RetryInfo.class);
    }

    BadRequest.FieldViolation endViolation() {
        return Details.violation(
                failure.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    }

    private ClientCallStreamObserver<Q> out() {
        if (out == null) {
            throw new IllegalStateException("not started");
        }
        return out;
    }

    /** Takes {@code google.rpc} details out of an error. */
    static final class Details {

        private Details() {}

        static ErrorInfo info(Throwable error) {
            return find(error, ErrorInfo.class);
        }

        static BadRequest.FieldViolation violation(Throwable error) {
            return find(error, BadRequest.class).getFieldViolations(0);
        }

        static boolean hasRetry(Throwable error) {
            com.google.rpc.Status status = StatusProto.fromThrowable(error);
            return status != null && status.getDetailsList().stream().anyMatch(any -> any.is(RetryInfo.class));
        }

        private static <T extends com.google.protobuf.Message> T find(Throwable error, Class<T> type) {
            com.google.rpc.Status status = StatusProto.fromThrowable(error);
            if (status == null) {
                throw new AssertionError("no details in " + error, error);
            }
            for (com.google.protobuf.Any any : status.getDetailsList()) {
                if (any.is(type)) {
                    try {
                        return any.unpack(type);
                    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                }
            }
            throw new AssertionError("no " + type.getSimpleName() + " in " + status);
        }
    }
}
