package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The way out to the client of one link. Implemented in {@code grpc}.
 *
 * <p>Every method but {@link #executor} is called on {@link #executor()}, one at a time, and must not block.
 */
public interface SessionOutlet {

    /** Serial, and queues: a task never runs inside {@code execute}. May be asked for from any thread. */
    Executor executor();

    /** How the other end is named to operators; empty: not known. Any thread. */
    default String peer() {
        return "";
    }

    /** The session is active on this link; the first thing said, at most once. */
    void opened(Opened opened);

    /** Answer to a heartbeat. */
    void heartbeat(Cursor cursor);

    /** A registration is not this session's any more; may be repeated, and may come after a newer one of the same id. */
    void lost(InstanceKey key, Loss loss);

    /** The client is asked to move; the link lives on until it ends. */
    void drain(CloseCause cause, Duration deadline, Duration reconnectAfter);

    /** The session is gone; {@link #end} follows. */
    void expired(CloseCause cause);

    /** Completes the stream, at most once; the cause {@code CLIENT_COMPLETED} is success. Nothing follows. */
    void end(SessionEnd end);
}
