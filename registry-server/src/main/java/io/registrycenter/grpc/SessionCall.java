package io.registrycenter.grpc;

import io.grpc.ServerCall;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.catalog.Refusal.InvalidInput;
import io.registrycenter.catalog.Rules;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.session.SessionEnd;
import io.registrycenter.session.SessionLink;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One attach call: checks the grammar of the stream, turns requests into words and hands them to its {@link SessionLink}.
 *
 * <pre>
 * FRESH --open, resume--> ATTACHED --goodbye--> LEAVING
 * </pre>
 *
 * <p>Heartbeats belong to ATTACHED; whatever does not belong where it comes ends the stream with {@code INVALID_REQUEST}.
 * Confined to the connection's event loop.
 */
final class SessionCall extends StreamCall<AttachRequest> {

    /** How far the client's side of the conversation is. */
    private enum Phase {
        FRESH,
        ATTACHED,
        /** The goodbye is under way: the link ends the stream when the instances are gone. */
        LEAVING
    }

    private final AttachOutlet outlet;
    private final SessionLink link;
    private final Consumer<CloseCause> gone;
    private Phase phase = Phase.FRESH;

    /** @param gone told once, when the transport is done with the call, and why */
    SessionCall(
            ServerCall<AttachRequest, AttachResponse> call,
            AttachOutlet outlet,
            SessionLink link,
            StreamEnding ending,
            Consumer<CloseCause> gone) {
        super(call, ending);
        this.outlet = outlet;
        this.link = link;
        this.gone = gone;
    }

    @Override
    void take(AttachRequest request) {
        switch (request.getFrameCase()) {
            case OPEN -> {
                expect(Phase.FRESH, request);
                phase = Phase.ATTACHED;
                open(request.getOpen());
            }
            case RESUME -> {
                expect(Phase.FRESH, request);
                phase = Phase.ATTACHED;
                resume(request.getResume());
            }
            case HEARTBEAT -> {
                expect(Phase.ATTACHED, request);
                link.heartbeat();
            }
            case GOODBYE -> {
                expect(Phase.ATTACHED, request);
                phase = Phase.LEAVING;
                link.goodbye();
            }
            case FRAME_NOT_SET -> throw new InvalidInput("frame", "", "be open, resume, heartbeat or goodbye");
        }
    }

    private void expect(Phase expected, AttachRequest request) {
        if (phase != expected) {
            throw new InvalidInput(
                    "frame",
                    request.getFrameCase().name().toLowerCase(Locale.ROOT),
                    switch (phase) {
                        case FRESH -> "be open or resume first";
                        case ATTACHED -> "be heartbeat or goodbye after open or resume";
                        case LEAVING -> "not follow a goodbye";
                    });
        }
    }

    private void open(SessionOpen open) {
        link.open(WireWords.ttl("open.ttl_ms", open.getTtlMs()), WireWords.client("open.client", open.getClient()));
    }

    private void resume(SessionResume resume) {
        Rules.sessionId("resume.session_id", resume.getSessionId());
        Rules.attempt("resume.attempt", resume.getAttempt());
        link.resume(
                resume.getSessionId(),
                WireWords.notNegative("resume.fence", resume.getFence()),
                resume.getAttempt(),
                WireWords.client("resume.client", resume.getClient()),
                resume.hasCursor() ? WireWords.cursor("resume.cursor", resume.getCursor()) : null);
    }

    @Override
    public void ask(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        link.drain(cause, deadline, reconnectAfter);
    }

    /** Nothing but answers waits here, and those are on their way; a goodbye ends the stream itself when it is done. */
    @Override
    public void sendAway(CloseCause cause, String message, Duration retryAfter) {
        if (phase != Phase.LEAVING) {
            link.end(new SessionEnd(cause, message, retryAfter, null));
        }
    }

    @Override
    public void force(CloseCause cause, String message, Duration retryAfter) {
        link.end(new SessionEnd(cause, message, retryAfter, null));
        outlet.force(cause);
        outlet.reset();
    }

    @Override
    public boolean hasLadder() {
        return false;
    }

    @Override
    public boolean ladderJudges() {
        return false;
    }

    @Override
    void fail(RuntimeException why, CloseCause cause) {
        outlet.end(WireErrors.of(why), cause);
        link.closed(cause);
    }

    /** Done without a goodbye: the session stays for the grace. After one the link ends the stream. */
    @Override
    public void onHalfClose() {
        if (!outlet.ended() && phase != Phase.LEAVING) {
            outlet.end(new SessionEnd(CloseCause.CLIENT_COMPLETED, "", Duration.ZERO, null));
            link.closed(CloseCause.CLIENT_COMPLETED);
        }
    }

    @Override
    boolean ended() {
        return outlet.ended();
    }

    @Override
    CloseCause close(CloseCause heard) {
        CloseCause ours = outlet.cause();
        CloseCause cause = ours == null ? link.causeOf(heard) : ours;
        outlet.gone();
        link.closed(cause);
        gone.accept(cause);
        return cause;
    }

    @Override
    Disconnect.Kind kind() {
        return Disconnect.Kind.ATTACH;
    }

    @Override
    String id() {
        return link.id();
    }

    @Override
    Disconnect.Standing standing() {
        return new Disconnect.Standing(
                link.everAttached() ? Disconnect.Phase.LIVE : Disconnect.Phase.HANDSHAKE,
                link.client(),
                outlet.said(),
                null);
    }
}
