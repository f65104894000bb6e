package io.registrycenter.client;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the registry, or the way to it, answered instead of a result. Carries no stack trace of its own. */
public final class RegistryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The closed family of errors by meaning. */
    public enum Kind {
        /** A field breaks its rule: {@link #field()}, {@link #value()}, {@link #rule()}. Never worth a repeat. */
        INVALID_INPUT,
        /** A limit of the server: see {@link #details()}. Worth a repeat only with {@link #retryAfter()}. */
        LIMIT_EXCEEDED,
        /** The session does not exist any more; the client opens another one by itself. */
        SESSION_EXPIRED,
        /** The instance is another session's, or gone. */
        NOT_HOLDER,
        /** Another holder has this client's session. */
        FENCED,
        /** Not allowed. */
        DENIED,
        /** The registry cannot be reached, is leaving, or is behind. */
        UNAVAILABLE,
        /** No answer within the deadline; it may or may not have taken effect. */
        DEADLINE_EXCEEDED,
        /** The client, the watch or the registration was closed first. */
        CLOSED,
        /** A fault of the registry. */
        SERVER_FAULT
    }

    private final Kind kind;
    private final CloseCause closeCause;
    private final String field;
    private final String value;
    private final String rule;
    private final transient Map<String, String> details;
    private final @Nullable Duration retryAfter;

    private RegistryException(
            Kind kind,
            CloseCause closeCause,
            String message,
            String field,
            String value,
            String rule,
            Map<String, String> details,
            @Nullable Duration retryAfter) {
        super(message, null, false, false);
        this.kind = kind;
        this.closeCause = closeCause;
        this.field = field;
        this.value = value;
        this.rule = rule;
        this.details = Map.copyOf(details);
        this.retryAfter = retryAfter;
    }

    public static RegistryException invalidInput(String message, String field, String value, String rule) {
        return new RegistryException(
                Kind.INVALID_INPUT, CloseCause.INVALID_REQUEST, message, field, value, rule, Map.of(), null);
    }

    public static RegistryException of(
            Kind kind,
            CloseCause closeCause,
            String message,
            Map<String, String> details,
            @Nullable Duration retryAfter) {
        return new RegistryException(kind, closeCause, message, "", "", "", details, retryAfter);
    }

    public static RegistryException closed(String what) {
        return of(Kind.CLOSED, CloseCause.CLIENT_COMPLETED, what, Map.of(), null);
    }

    public Kind kind() {
        return kind;
    }

    /** The cause the registry gave, or what the transport's end was taken for. */
    public CloseCause closeCause() {
        return closeCause;
    }

    /** Path of the field as in the wire contract, for example {@code instance.endpoints[1].port}; else empty. */
    public String field() {
        return field;
    }

    /** What was given, cut to a readable length; else empty. */
    public String value() {
        return value;
    }

    /** What is allowed, as a phrase; else empty. */
    public String rule() {
        return rule;
    }

    /** What the server adds, for example the name of a limit and its value; may be empty. */
    public Map<String, String> details() {
        return details == null ? Map.of() : details;
    }

    /** When the server suggests to try again; null when a repeat makes no sense or nothing was said. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
