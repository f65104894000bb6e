package io.registrycenter.client.internal;

import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;

/** The server's end of one stream: what the client said, and what the test answers. Confined to the test's thread. */
final class Peer<Q, R> implements StreamObserver<Q> {

    private final StreamObserver<R> out;
    private final List<Q> said = new ArrayList<>();
    private boolean over;
    private boolean completed;

    Peer(StreamObserver<R> out) {
        this.out = out;
    }

    @Override
    public void onNext(Q request) {
        said.add(request);
    }

    @Override
    public void onError(Throwable cancelled) {
        over = true;
    }

    @Override
    public void onCompleted() {
        completed = true;
    }

    List<Q> said() {
        return said;
    }

    Q last() {
        return said.get(said.size() - 1);
    }

    /** The client gave the stream up. */
    boolean over() {
        return over;
    }

    /** The client said all it had to say. */
    boolean completed() {
        return completed;
    }

    void send(R response) {
        out.onNext(response);
    }

    void fail(Throwable failure) {
        over = true;
        out.onError(failure);
    }

    void complete() {
        over = true;
        out.onCompleted();
    }
}
