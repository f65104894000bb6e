package io.registrycenter.watch;

import java.util.List;

/**
 * One commit of one scope (or a coalesced delta), encoded once and shared by every stream that is told. Never modified.
 *
 * @param after the scope's previous commit
 * @param revision of this commit
 * @param changeCount how many changes it has, for the slow-client ladder
 * @param head its private part, see {@link Encoding#deltaHead}
 * @param changes its changes; scopes of one commit may share this array
 */
public record EncodedDelta(long after, long revision, int changeCount, byte[] head, byte[] changes) {

    public int bytes() {
        return head.length + changes.length;
    }

    /** Deltas one after another, as a message holds them: a few large copies are much cheaper than many small ones. */
    static byte[] join(List<EncodedDelta> deltas) {
        int length = 0;
        for (EncodedDelta delta : deltas) {
            length += delta.bytes();
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (EncodedDelta delta : deltas) {
            System.arraycopy(delta.head, 0, joined, at, delta.head.length);
            at += delta.head.length;
            System.arraycopy(delta.changes, 0, joined, at, delta.changes.length);
            at += delta.changes.length;
        }
        return joined;
    }
}
