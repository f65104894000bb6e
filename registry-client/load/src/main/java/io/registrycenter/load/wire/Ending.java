package io.registrycenter.load.wire;

/**
 * How a call ended.
 *
 * @param status the gRPC status number; 0 is OK
 * @param message what the server or the transport said; may be empty
 */
public record Ending(int status, String message) {
    static final int UNKNOWN = 2;
    /** The connection is gone, or the server takes nothing. */
    public static final int UNAVAILABLE = 14;

    public boolean ok() {
        return status == 0;
    }

    @Override
    public String toString() {
        return "status " + status + (message.isEmpty() ? "" : " (" + message + ")");
    }
}
