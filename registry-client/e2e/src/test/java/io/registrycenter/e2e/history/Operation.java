package io.registrycenter.e2e.history;

import io.registrycenter.e2e.process.Event;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One call of a client with its repeats, as the client saw it: the one format of a history.
 *
 * @param client who called; a client has one call at a time
 * @param session in whose name
 * @param request id of the call, sent with each of its tries; a {@link Kind#REGISTER} stores it where watchers see it
 * @param status what was asked for; {@code UP} where nothing was said, empty for a {@link Kind#DEREGISTER}
 * @param invoked {@link System#nanoTime} before the first try, of the machine's one monotonic clock
 * @param returned after the last
 * @param revision of the answer; 0 unless {@link Outcome#OK}
 * @param detail of an answer that was not OK
 */
public record Operation(
        int client,
        String session,
        Kind kind,
        String key,
        String request,
        String status,
        long invoked,
        long returned,
        Outcome outcome,
        long revision,
        String detail) {

    /** What was asked for. */
    public enum Kind {
        REGISTER,
        UPDATE_STATUS,
        DEREGISTER
    }

    /** What is known of it. */
    public enum Outcome {
        /** It took effect at the revision, once; or nothing was to do, and it is the revision of what stands. */
        OK,
        /** The session does not hold the instance: it changed nothing. */
        NOT_HOLDER,
        /** No answer, or none that says: it took effect once, then or later, or never. */
        UNKNOWN,
        /** Refused for another reason: it changed nothing. */
        REFUSED
    }

    /** As one line of JSON. */
    public String line() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("client", client);
        fields.put("session", session);
        fields.put("kind", kind);
        fields.put("key", key);
        fields.put("request", request);
        fields.put("status", status);
        fields.put("invoked", invoked);
        fields.put("returned", returned);
        fields.put("outcome", outcome);
        fields.put("revision", revision);
        fields.put("detail", detail);
        return Event.write(fields);
    }
}
