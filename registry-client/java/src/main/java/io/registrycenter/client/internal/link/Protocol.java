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

    /** The default of {@code registry.session.restart-grace}, for who is not told the server's own. */
    Duration RESTART_GRACE = Duration.ofSeconds(30);

    StreamKind kind();

    MethodDescriptor<Q, R> method();

    /** Whether a stream is wanted at all. */
    boolean wanted();

    /** Upper bound of the backoff's step. */
    Duration backoffCap();

    /** How long a server that left on purpose may stay away, as far as it has said so. */
    Duration restartGrace();

    /** A stream was made: sends the first frames. */
    Conversation<R> begin(Stream<Q> stream);

    /** How a stream, or an attempt to make one, ended; it is closed already. */
    void ended(DisconnectReport report);
}
