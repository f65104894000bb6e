package io.registrycenter.grpc;

import io.grpc.ServerCall;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.catalog.Refusal.InvalidInput;

/**
 * What watch and attach calls have in common: requests are taken one by one while the client reads our answers, a request that
 * cannot be understood ends the call, and its end has one cause. Confined to the connection's event loop.
 */
abstract class StreamCall<Q> extends ServerCall.Listener<Q> implements MovableStream {

    private final ServerCall<Q, ?> call;
    private final StreamEnding ending;
    private final GrpcConnection connection;
    private int owedRequests;

    StreamCall(ServerCall<Q, ?> call, StreamEnding ending) {
        this.call = call;
        this.ending = ending;
        this.connection = ending.connection();
    }

    final StreamEnding ending() {
        return ending;
    }

    @Override
    public final int streamId() {
        return ending.streamId();
    }

    @Override
    public final void told(String text) {
        ending.told(text);
    }

    /** From now on its connection moves it when the server leaves. */
    final void started() {
        connection.add(this);
    }

    /** @throws InvalidInput when it breaks the grammar of the stream */
    abstract void take(Q request);

    /** Ends the call with what went wrong. */
    abstract void fail(RuntimeException why, CloseCause cause);

    /** Whether this server has ended the call. */
    abstract boolean ended();

    /**
     * The transport is done with the call: everything of it is let go. Once.
     *
     * @param heard what the transport says
     * @return why it ended: a cause of ours comes first
     */
    abstract CloseCause close(CloseCause heard);

    /** What it is to operators, and how they find it. */
    abstract Disconnect.Kind kind();

    abstract String id();

    /** How it stood when its end was decided. Asked after {@link #close}. */
    abstract Disconnect.Standing standing();

    @Override
    public final void onMessage(Q request) {
        ending.heard();
        if (ended()) {
            return;
        }
        try {
            take(request);
        } catch (InvalidInput broken) {
            fail(broken, CloseCause.INVALID_REQUEST);
        } catch (RuntimeException fault) {
            fail(fault, CloseCause.SERVER_FAULT);
        }
        owedRequests++;
        requestMore();
    }

    /** Who does not read our answers is not read either. */
    private void requestMore() {
        if (owedRequests > 0 && !ended() && call.isReady()) {
            int owed = owedRequests;
            owedRequests = 0;
            call.request(owed);
        }
    }

    @Override
    public void onReady() {
        requestMore();
    }

    @Override
    public final void onCancel() {
        ending.whenKnown(this::over);
    }

    /** The end that this server wrote has left. */
    @Override
    public final void onComplete() {
        over(CloseCause.CLIENT_COMPLETED);
    }

    private void over(CloseCause heard) {
        connection.remove(this);
        CloseCause cause = close(heard);
        ending.ended(kind(), id(), cause, standing());
    }
}
