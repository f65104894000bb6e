package io.registrycenter.client.internal.link;

import io.grpc.MethodDescriptor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.StreamKind;
import java.time.Duration;

/**
 * What is spoken on a stream that a {@link LinkMachine} keeps. Called on the serial executor.
 *
 * @param <Q> what the client sends
 * @param <R> what the server sends
 */
public interface Protocol<Q, R> {

    StreamKind kind();

    MethodDescriptor<Q, R> method();

    /** Whether a stream is wanted at all. */
    boolean wanted();

    /** Upper bound of the backoff's step. */
    Duration backoffCap();

    /** A stream was made: sends the first frames. */
    Conversation<R> begin(Stream<Q> stream);

    /** How a stream, or an attempt to make one, ended; it is closed already. */
    void ended(DisconnectReport report);
}
