package io.registrycenter.client;

import org.jspecify.annotations.Nullable;

/**
 * A stream is live: for a watch stream every watch has its first answer, for a session stream the session is active.
 *
 * @param stream which of the client's streams
 * @param target the address as given to the builder
 * @param node the server that answers; empty where it does not say
 * @param streamId the server's name of the stream, found in its logs; empty where it does not say
 * @param resumed whether nothing was lost: all watches went on from their cursors, or the session was taken up again
 * @param cursor lowest cursor of all watches; null for a session stream
 */
public record Connected(
        StreamKind stream,
        String target,
        String node,
        String streamId,
        boolean resumed,
        @Nullable Cursor cursor) {

    /** The revision of the cursor, or 0. */
    public long revision() {
        return cursor == null ? 0 : cursor.revision();
    }
}
