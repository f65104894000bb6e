package io.registrycenter.grpc;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import org.jspecify.annotations.Nullable;

/**
 * What the transport showed of an end, in words for operators. Decides nothing: texts are shown, never read.
 *
 * <p>Immutable; on the connection's event loop.
 */
final class Witness {

    private static final int MAX_TEXT = 200;

    private Witness() {}

    /**
     * @param status what the transport reported for the stream; null: nothing
     * @param evidence of its connection; null: it was not observed
     */
    static Disconnect.Evidence evidence(@Nullable Status status, @Nullable CloseEvidence evidence) {
        Throwable failure = evidence == null ? null : evidence.failure();
        String text = status == null ? "" : text(status);
        if (failure != null) {
            text = text.isEmpty() ? String.valueOf(failure.getMessage()) : text + "; " + failure.getMessage();
        }
        return new Disconnect.Evidence(errno(failure), printable(text));
    }

    /** How sure a cause is, given what was seen. */
    static Disconnect.Confidence confidence(CloseCause cause, Disconnect.Evidence evidence) {
        return switch (cause) {
            case UNKNOWN -> Disconnect.Confidence.NONE;
            case INTERMEDIARY_IDLE, INTERMEDIARY_RESTART, NAT_EXPIRED, CLIENT_PROCESS_DIED, STALE_CONNECTION ->
                Disconnect.Confidence.LIKELY;
            // Without the kernel's number nearly every broken socket is a reset.
            case PEER_RESET -> evidence.errno() == null ? Disconnect.Confidence.LIKELY : Disconnect.Confidence.CERTAIN;
            default -> Disconnect.Confidence.CERTAIN;
        };
    }

    /** How far a connection without streams had come. */
    static Disconnect.Phase phase(CloseEvidence evidence) {
        if (evidence.opening() == CloseEvidence.Opening.SILENT) {
            return Disconnect.Phase.CONNECTING;
        }
        return evidence.isNegotiated() ? Disconnect.Phase.LIVE : Disconnect.Phase.HANDSHAKE;
    }

    private static @Nullable Integer errno(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Errors.NativeIoException io) {
                return -io.expectedErr();
            }
        }
        return null;
    }

    private static String text(Status status) {
        String description = status.getDescription();
        return description == null ? status.getCode().name() : status.getCode().name() + ": " + description;
    }

    /** The other end chose part of the text: no line of a log may be made of it. */
    private static String printable(String text) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), MAX_TEXT));
        for (int i = 0; i < text.length() && i < MAX_TEXT; i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? ' ' : c);
        }
        return clean.toString();
    }
}
