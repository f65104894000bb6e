package io.registrycenter.client;

import java.time.Duration;

/**
 * How a stream, or an attempt to make one, ended. It was a disconnect when the stream had been {@link #wasLive live}; else it
 * was an attempt that failed.
 *
 * @param stream which of the client's streams
 * @param target the address as given to the builder
 * @param streamId the server's name of the stream; empty when it never said one
 * @param cause why
 * @param expected whether that is part of normal operation: the cause is, or a server has said that it leaves and nobody
 *     answers in its place, within the restart grace it announced to this client's session (30 s for a client without)
 * @param phase how far the stream had come
 * @param age since the attempt began
 * @param idle since the last frame of the server, or since the attempt began
 * @param detail for people; may be empty
 * @param failures attempts in a row that did not stay live, this one included
 * @param nextAttemptIn when the client tries again, at the latest: another stream or call of the client that gets through
 *     makes it sooner; zero also while it does
 * @param retries false when the client is closing or the registry told it to stop
 */
public record DisconnectReport(
        StreamKind stream,
        String target,
        String streamId,
        CloseCause cause,
        boolean expected,
        Phase phase,
        Duration age,
        Duration idle,
        String detail,
        int failures,
        Duration nextAttemptIn,
        boolean retries) {

    /** How far a stream had come when it ended. */
    public enum Phase {
        CONNECTING,
        SYNCING,
        LIVE
    }

    /** Whether a live stream was lost. */
    public boolean wasLive() {
        return phase == Phase.LIVE;
    }

    /** Who ended it, as far as the cause tells. */
    public CloseCause.Origin origin() {
        return cause.origin();
    }

    /** What the cause asks for. */
    public CloseCause.Advice advice() {
        return cause.advice();
    }

    @Override
    public String toString() {
        return stream + " stream to " + target + (wasLive() ? " lost: " : " not made: ") + cause + " (" + phase
                + ", age " + seconds(age) + ", idle "
                + seconds(idle) + (detail.isEmpty() ? "" : ", " + detail) + ")"
                + (retries ? ", next attempt in " + seconds(nextAttemptIn) : ", not tried again");
    }

    private static String seconds(Duration duration) {
        long tenths = (duration.toMillis() + 50) / 100;
        return tenths / 10 + "." + tenths % 10 + " s";
    }
}
