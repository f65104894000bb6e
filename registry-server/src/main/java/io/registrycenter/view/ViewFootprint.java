package io.registrycenter.view;

import io.registrycenter.memory.Footprint;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import org.jspecify.annotations.Nullable;

/** An estimate of the heap that a record takes in the view, keys and maps included. Stateless. */
final class ViewFootprint {

    /** A record with its key, in the maps of records, of services and of who holds what; the second form of the instance. */
    private static final int INSTANCE = 560;

    private static final int TOMBSTONE = 480;

    /** Also what {@code session} keeps of it, on the server that owns it. */
    private static final int SESSION = 1_024;

    private ViewFootprint() {}

    /** Of no record: nothing. */
    static long of(@Nullable StoredRecord stored) {
        if (stored == null) {
            return 0;
        }
        return switch (stored.value()) {
            case InstanceRecord record -> INSTANCE + Footprint.of(record.instance());
            case Tombstone tombstone -> TOMBSTONE;
            case SessionRecord session -> SESSION;
            case NodeRecord node -> 0;
        };
    }
}
