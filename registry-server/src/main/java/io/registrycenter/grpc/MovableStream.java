package io.registrycenter.grpc;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/** A watch or attach stream, as its connection sees it and moves it when the server leaves. On the connection's event loop. */
interface MovableStream {

    /** Number of its HTTP/2 stream. */
    int streamId();

    /** Whether the slow-client ladder decides about what its client does not take. */
    boolean hasLadder();

    /** Whether the ladder is deciding: data waits for a client that takes none, or its end has not got through yet. */
    boolean ladderJudges();

    /** Its client was told this about the end, past the call. */
    void told(String text);

    /** Asks the client to make its next stream elsewhere; this one goes on. */
    void ask(CloseCause cause, Duration deadline, Duration reconnectAfter);

    /** Ends the stream as soon as what waits for it is written. */
    void sendAway(CloseCause cause, String message, Duration retryAfter);

    /** Ends the stream now, by a reset where the end does not get through. */
    void force(CloseCause cause, String message, Duration retryAfter);
}
