package io.registrycenter.observe;

/** Names of the fields that a log line carries beside its sentence: members of the object with structured logging. */
public final class LogFields {

    /** What ended: WATCH, ATTACH or CONNECTION. */
    public static final String KIND = "registry.disconnect.kind";

    public static final String STREAM = "registry.disconnect.stream";

    public static final String CAUSE = "registry.disconnect.cause";

    public static final String EXPECTED = "registry.disconnect.expected";

    public static final String ORIGIN = "registry.disconnect.origin";

    public static final String CONFIDENCE = "registry.disconnect.confidence";

    public static final String PHASE = "registry.disconnect.phase";

    public static final String PEER = "registry.disconnect.peer";

    public static final String CLIENT = "registry.disconnect.client";

    public static final String AGE_MS = "registry.disconnect.age_ms";

    public static final String IDLE_MS = "registry.disconnect.idle_ms";

    public static final String ERRNO = "registry.disconnect.errno";

    public static final String TRANSPORT = "registry.disconnect.transport";

    public static final String ADVICE = "registry.disconnect.advice";

    /** How many ends a summary speaks for. */
    public static final String COUNT = "registry.disconnect.count";

    private LogFields() {}
}
