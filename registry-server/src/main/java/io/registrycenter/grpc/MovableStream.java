package io.registrycenter.grpc;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/** A watch or attach stream, as its connection moves it when the server leaves. On the connection's event loop. */
interface MovableStream {

    /** Asks the client to make its next stream elsewhere; this one goes on. */
    void ask(CloseCause cause, Duration deadline, Duration reconnectAfter);

    /** Ends the stream as soon as what waits for it is written. */
    void sendAway(CloseCause cause, String message, Duration retryAfter);

    /** Ends the stream now, by a reset where the end does not get through. */
    void force(CloseCause cause, String message, Duration retryAfter);
}
