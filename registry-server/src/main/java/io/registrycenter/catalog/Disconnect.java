package io.registrycenter.catalog;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream or connection that ended, with everything that was seen of it: enough to disagree with the verdict.
 *
 * @param id of the stream; empty for a connection
 * @param peer the other end of the connection, which may be a proxy
 * @param age since it began
 * @param idle since the other end was last heard
 */
public record Disconnect(
        Kind kind,
        String id,
        CloseCause cause,
        Confidence confidence,
        String peer,
        Duration age,
        Duration idle,
        Standing standing,
        Evidence evidence) {

    /** No proxy is less patient than this. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    /** What ended. */
    public enum Kind {
        WATCH("watch stream"),
        ATTACH("attach stream"),
        /** One that never carried a stream: those speak for their connection. */
        CONNECTION("connection");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /** How sure the cause is. */
    public enum Confidence {
        /** Decided here, or shown by a code. */
        CERTAIN,
        /** Concluded from what was seen. */
        LIKELY,
        /** Nothing that was seen tells. */
        NONE
    }

    /** How far it had come. */
    public enum Phase {
        /** Not a byte was read. */
        CONNECTING,
        /** HTTP/2 or the stream's first frame was missing. */
        HANDSHAKE,
        /** A subscription waited for its first answer. */
        SYNCING,
        LIVE
    }

    /**
     * How it stood just before the end.
     *
     * @param said what this server told the other end about the end; empty: nothing
     * @param progress of a watch stream; null for others
     */
    public record Standing(
            Phase phase,
            ClientInfo client,
            String said,
            @Nullable Progress progress) {

        public Standing(Phase phase) {
            this(phase, ClientInfo.UNKNOWN, "", null);
        }

        /** The same, when something else was told than the stream knows. */
        public Standing saying(String told) {
            return new Standing(phase, client, told, progress);
        }
    }

    /**
     * How far a watch stream had come.
     *
     * @param sent the lowest revision written to its subscriptions
     * @param acknowledged the newest the client said it had applied; null: it said none
     * @param pendingChanges what it had yet to be told
     * @param pendingBytes the same, encoded
     * @param stalled how long data had waited for a transport that took none
     */
    public record Progress(
            int subscriptions,
            long sent,
            @Nullable Long acknowledged,
            long pendingChanges,
            long pendingBytes,
            Duration stalled) {}

    /**
     * What the transport showed.
     *
     * @param errno of the socket's failure, as Linux numbers them; null: it did not fail, or did not tell
     * @param transport what the transport reported, for people; empty: nothing
     */
    public record Evidence(@Nullable Integer errno, String transport) {
        public static final Evidence NONE = new Evidence(null, "");
    }

    /**
     * The same end, now that the client has told what it saw.
     *
     * <p>Here the client seemed to end its stream, and the client says that it did not: somebody in between did, each way in
     * words of its own, as a proxy does whose patience is over. Or here its connection was closed in good order, and the client
     * saw nothing but its stream end: it has another connection, to somebody in between. It was a timer of silence if both ends
     * had heard nothing for a while; else there is no telling, and the verdict stands with the client's view beside it.
     */
    public Disconnect seen(ClientView view) {
        boolean between = switch (cause) {
            case CLIENT_COMPLETED, CLIENT_CANCELLED -> !view.byClient();
            case PEER_EOF -> view.cause() == CloseCause.HTTP2_ERROR;
            default -> false;
        };
        boolean silent = idle.compareTo(SILENCE) >= 0 && view.idle().compareTo(SILENCE) >= 0;
        if (!between || !silent) {
            return this;
        }
        return new Disconnect(
                kind,
                id,
                CloseCause.INTERMEDIARY_IDLE,
                Confidence.LIKELY,
                peer,
                age,
                idle,
                standing,
                new Evidence(evidence.errno(), evidence.transport() + "; the client saw " + view.cause()));
    }

    /** What the client told on its next stream about the same end: what both saw tells who cut. */
    public record ClientView(CloseCause cause, Duration idle, String detail) {

        /** Whether the client ended its stream itself, for a reason of its own, or does not say. */
        boolean byClient() {
            return switch (cause) {
                case SERVER_BEHIND, SESSION_EXPIRED, CONNECT_TIMEOUT -> true;
                default -> cause.origin() == CloseCause.Origin.CLIENT || cause.origin() == CloseCause.Origin.UNKNOWN;
            };
        }
    }

    /**
     * An end that is remembered.
     *
     * @param counted the cause it was counted as; the end may tell another, which was found later
     * @param ago since it happened
     * @param clientView null: the client has not come back here, or said nothing
     */
    public record Remembered(
            Disconnect end,
            CloseCause counted,
            Duration ago,
            @Nullable ClientView clientView) {}
}
