package io.registrycenter.client.internal.wire;

import java.util.List;

/** The changes of one commit, or, coalesced, of all between {@code after} and {@code revision}. */
public record WireDelta(long after, long revision, List<WireChange> changes, boolean coalesced) {

    public WireDelta {
        changes = List.copyOf(changes);
    }
}
