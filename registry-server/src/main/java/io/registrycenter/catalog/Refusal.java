package io.registrycenter.catalog;

import java.time.Duration;

/**
 * What a caller can be told instead of an answer: a small closed family by meaning, mapped to the wire at one place.
 *
 * <p>Carries no stack trace: a refusal is an answer, not a fault.
 */
public abstract sealed class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private Refusal(String message) {
        super(message, null, false, false);
    }

    /** A field breaks its rule. */
    public static final class InvalidInput extends Refusal {
        private static final long serialVersionUID = 1L;
        private final String field;
        private final String value;
        private final String rule;

        /**
         * @param field path of the field from the root of the request message, for example {@code
         *     instance.endpoints[1].port} or {@code hello.client.name}; of HTTP the name of the path or query parameter
         * @param value what was given; cut to 128 characters
         * @param rule what is allowed, as a phrase after "must", for example {@code be 1..65535}
         */
        public InvalidInput(String field, String value, String rule) {
            super(field + " must " + rule + ", was \"" + cut(value) + "\"");
            this.field = field;
            this.value = cut(value);
            this.rule = rule;
        }

        public String field() {
            return field;
        }

        public String value() {
            return value;
        }

        public String rule() {
            return rule;
        }

        private static String cut(String text) {
            return text.length() <= 128 ? text : text.substring(0, 125) + "...";
        }
    }

    /** The session does not exist, or not any more. */
    public static final class SessionUnknown extends Refusal {
        private static final long serialVersionUID = 1L;

        public SessionUnknown() {
            super("the session does not exist (any more): open a new one and register again");
        }
    }

    /** The session was adopted with a newer fence: this holder is a zombie. */
    public static final class Fenced extends Refusal {
        private static final long serialVersionUID = 1L;
        private final long given;
        private final long current;

        public Fenced(long given, long current) {
            super("fence " + given + " is old, the session is held with fence " + current);
            this.given = given;
            this.current = current;
        }

        public long given() {
            return given;
        }

        public long current() {
            return current;
        }
    }

    /** The session does not hold the instance; nothing was changed. */
    public static final class NotHolder extends Refusal {
        private static final long serialVersionUID = 1L;
        private final InstanceKey instance;

        public NotHolder(InstanceKey instance) {
            super("the session does not hold instance " + instance + "; nothing was changed");
            this.instance = instance;
        }

        public InstanceKey instance() {
            return instance;
        }
    }

    /** A limit of the server would be broken. */
    public static final class LimitExceeded extends Refusal {
        private static final long serialVersionUID = 1L;
        private final String limit;
        private final String field;
        private final long allowed;
        private final long actual;
        private final Duration retryAfter;

        /**
         * A count or a rate of this server.
         *
         * @param limit name of the limit, for example {@code connections-per-node}
         * @param retryAfter when trying again makes sense
         */
        public LimitExceeded(String limit, long allowed, long actual, Duration retryAfter) {
            this(limit, "", allowed, actual, retryAfter);
        }

        /**
         * A size of what was sent, for which trying again never makes sense.
         *
         * @param limit name of the limit, for example {@code instance-bytes}
         * @param field path of the field that is too large, as in {@link InvalidInput#InvalidInput}
         */
        public LimitExceeded(String limit, String field, long allowed, long actual) {
            this(limit, field, allowed, actual, Duration.ZERO);
        }

        private LimitExceeded(String limit, String field, long allowed, long actual, Duration retryAfter) {
            super("limit " + limit + " is " + allowed + ", " + (field.isEmpty() ? "this would be " : field + " has ")
                    + actual);
            this.limit = limit;
            this.field = field;
            this.allowed = allowed;
            this.actual = actual;
            this.retryAfter = retryAfter;
        }

        public String limit() {
            return limit;
        }

        /** Path of the field that is too large; empty for counts and rates of the server. */
        public String field() {
            return field;
        }

        public long allowed() {
            return allowed;
        }

        public long actual() {
            return actual;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** Not now: the store is out of reach, the server is behind, full or leaving. */
    public static final class Unavailable extends Refusal {
        private static final long serialVersionUID = 1L;
        private final CloseCause cause;
        private final Duration retryAfter;

        public Unavailable(CloseCause cause, String message, Duration retryAfter) {
            super(message);
            this.cause = cause;
            this.retryAfter = retryAfter;
        }

        public CloseCause closeCause() {
            return cause;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
