package io.registrycenter.client;

/** Which of a client's two streams. */
public enum StreamKind {
    /** Carries every watch of the client. */
    WATCH,
    /** Keeps every registration of the client alive. */
    SESSION
}
