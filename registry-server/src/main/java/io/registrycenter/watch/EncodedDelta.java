package io.registrycenter.watch;

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
}
