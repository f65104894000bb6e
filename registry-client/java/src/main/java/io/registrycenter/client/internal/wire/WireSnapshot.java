package io.registrycenter.client.internal.wire;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.SnapshotReason;
import java.util.List;

/** One part of a snapshot. */
public record WireSnapshot(
        SnapshotReason reason, Cursor cursor, List<Instance> instances, int part, boolean last, int total) {

    public WireSnapshot {
        instances = List.copyOf(instances);
    }
}
