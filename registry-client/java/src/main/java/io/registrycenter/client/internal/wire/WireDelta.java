package io.registrycenter.client.internal.wire;

import java.util.List;

/**
 * The changes of one commit, or, coalesced, of all between {@code after} and {@code revision}.
 *
 * @param mark of the cursor at the revision, empty where it is not known
 */
public record WireDelta(long after, long revision, String mark, List<WireChange> changes, boolean coalesced) {

    public WireDelta {
        changes = List.copyOf(changes);
    }
}
