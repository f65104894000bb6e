package io.registrycenter.load.wire;

/**
 * How a call ended.
 *
 * @param status the gRPC status number; 0 is OK
 * @param message what the server or the transport said; may be empty
 * @param connectionGone whether no more calls can be made on this connection
 */
public record Ending(int status, String message, boolean connectionGone) {
    static final int UNKNOWN = 2;
    private static final int UNAVAILABLE = 14;

    /** Of one call. */
    Ending(int status, String message) {
        this(status, message, false);
    }

    static Ending connectionGone(String message) {
        return new Ending(UNAVAILABLE, message, true);
    }

    public boolean ok() {
        return status == 0;
    }

    @Override
    public String toString() {
        return "status " + status + (message.isEmpty() ? "" : " (" + message + ")");
    }
}
