package io.registrycenter.client.internal.session;

import io.grpc.MethodDescriptor;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Conversation;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.Protocol;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.Stream;
import io.registrycenter.client.internal.wire.StreamEnd;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's one session over any number of streams: opened when needed, resumed after each loss, opened anew when it
 * expired, given up when it was not needed for a while.
 *
 * <p>Each loss has one random {@code attempt}, repeated with every Resume until {@code Opened} arrives, so that a lost
 * answer does not make this client a zombie. The backoff is capped at a quarter of the announced grace, so that restarts
 * in a row cannot outrun it. The session's id is a secret and never logged. Confined to the serial executor.
 */
final class SessionProtocol implements Protocol<AttachRequest, AttachResponse> {

    private static final Logger log = LoggerFactory.getLogger(SessionProtocol.class);
    private static final int GRACE_PARTS = 4;

    private final Serial serial;
    private final Findings findings;
    private final SessionListener listener;
    private final ClientInfo client;
    private final Duration ttl;
    private final Supplier<String> tokens;
    private final DoubleSupplier random;
    private final CompletableFuture<Boolean> goodbye = new CompletableFuture<>();

    private @Nullable SessionOpened session;
    private @Nullable String attempt;
    private @Nullable SessionConversation newest;
    /** Of the history that the registry spoke of last. */
    private String epoch = "";

    /** The newest cursor of this history that the registry named; it goes with the next Resume. */
    private @Nullable Cursor newestCursor;

    private boolean leaving;

    /**
     * @param ttl zero: the server's default
     * @param tokens random names, another one each time
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    SessionProtocol(
            Serial serial,
            Findings findings,
            SessionListener listener,
            ClientInfo client,
            Duration ttl,
            Supplier<String> tokens,
            DoubleSupplier random) {
        this.serial = serial;
        this.findings = findings;
        this.listener = listener;
        this.client = client;
        this.ttl = ttl;
        this.tokens = tokens;
        this.random = random;
    }

    @Override
    public StreamKind kind() {
        return StreamKind.SESSION;
    }

    @Override
    public MethodDescriptor<AttachRequest, AttachResponse> method() {
        return SessionServiceGrpc.getAttachMethod();
    }

    @Override
    public boolean wanted() {
        return leaving ? session != null : session != null || listener.needsSession();
    }

    @Override
    public Duration backoffCap() {
        SessionOpened known = session;
        return known == null || known.getReconnectGraceMs() <= 0
                ? Backoff.MAX
                : Duration.ofMillis(known.getReconnectGraceMs() / GRACE_PARTS);
    }

    @Override
    public Conversation<AttachResponse> begin(Stream<AttachRequest> stream) {
        SessionOpened known = session;
        if (known == null) {
            stream.send(SessionFrames.open(ttl.toMillis(), client));
        } else {
            if (attempt == null) {
                attempt = tokens.get();
            }
            stream.send(SessionFrames.resume(known.getSessionId(), known.getFence(), attempt, client, newestCursor));
        }
        newest = new SessionConversation(this, serial, stream, random);
        return newest;
    }

    /** Gives the session up with everything it holds; see {@link #left}. */
    void leave() {
        serial.check();
        leaving = true;
        if (session == null) {
            goodbye.complete(true);
        } else if (newest != null && attempt == null) {
            newest.goodbye();
        }
    }

    /**
     * Nothing needs the session any more. It is said goodbye where there is a stream to say it on; else the registry drops
     * it by itself. Either way the next registration opens another one.
     *
     * @return whether a stream is still there, which the server ends
     */
    boolean rest() {
        serial.check();
        SessionConversation stream = newest;
        boolean attached = session != null && attempt == null;
        session = null;
        attempt = null;
        listener.suspended();
        if (stream == null || !attached) {
            return false;
        }
        stream.goodbye();
        return true;
    }

    /** Completes when no session is left. Any thread. */
    CompletableFuture<Boolean> left() {
        return goodbye;
    }

    boolean hasSession() {
        return session != null;
    }

    // --- from a conversation

    /** Returns whether it is the session that was resumed. */
    boolean opened(SessionOpened opened) {
        SessionOpened known = session;
        boolean same = known != null && known.getSessionId().equals(opened.getSessionId());
        session = opened;
        attempt = null;
        findings.restartGrace(Duration.ofMillis(opened.getRestartGraceMs()));
        listener.active(opened.getSessionId(), same);
        if (same && opened.getOtherHistory()) {
            otherHistory();
        }
        if (leaving && newest != null) {
            newest.goodbye();
        }
        return same;
    }

    /** Something was registered: where there was no history yet to hold heartbeats against, it is the one of this. */
    void acknowledged(io.registrycenter.client.Cursor cursor) {
        if (epoch.isEmpty()) {
            epoch = cursor.epoch();
        }
        // Without a mark it would prove less than an older one.
        if (!cursor.mark().isEmpty() && cursor.epoch().equals(epoch)) {
            remember(Words.wire(cursor));
        }
    }

    /** A heartbeat named the registry's history; empty: it named none. */
    void heard(Cursor cursor) {
        String named = cursor.getEpoch();
        if (named.isEmpty()) {
            return;
        }
        String before = epoch;
        epoch = named;
        if (!before.isEmpty() && !named.equals(before)) {
            otherHistory();
        }
        remember(cursor);
    }

    private void remember(Cursor cursor) {
        if (newestCursor == null || newestCursor.getRevision() < cursor.getRevision()) {
            newestCursor = cursor;
        }
    }

    private void otherHistory() {
        log.info("The registry goes on with another history: what this client holds is registered once more");
        newestCursor = null;
        listener.otherHistory();
    }

    void expired() {
        if (session != null) {
            session = null;
            attempt = null;
            log.info("The session expired; what it held is registered again with a new one");
            listener.expired();
        }
        if (leaving) {
            goodbye.complete(true);
        }
    }

    /** A unary call says that the session with this id is gone: its stream, if it is still there, is no use. */
    void expired(String sessionId) {
        SessionOpened known = session;
        if (known != null && known.getSessionId().equals(sessionId)) {
            SessionConversation stream = newest;
            expired();
            if (stream != null) {
                stream.end(StreamEnd.of(CloseCause.SESSION_EXPIRED, "a call was told so"));
            }
        }
    }

    SessionListener listener() {
        return listener;
    }

    void over(SessionConversation conversation, StreamEnd end) {
        if (conversation != newest) {
            return;
        }
        newest = null;
        if (end.cause() == CloseCause.SESSION_EXPIRED) {
            expired();
        } else if (end.cause() == CloseCause.FENCED) {
            session = null;
            attempt = null;
            log.warn(
                    "Another holder has this client's session: what it held is not registered by this client any more");
            listener.fenced();
        } else {
            listener.suspended();
        }
        if (leaving && (end.orderly() || session == null)) {
            session = null;
            goodbye.complete(true);
        }
    }

    @Override
    public void ended(DisconnectReport report) {
        // The session's streams are told from their own side; nothing is sent about the previous one.
    }
}
