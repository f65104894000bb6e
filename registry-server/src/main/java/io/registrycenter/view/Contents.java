package io.registrycenter.view;

import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The records of a view, and what is looked up by more than their keys. Written by the applier thread, read by any; a view that is
 * replaced gets other contents as a whole.
 */
final class Contents {

    private final ConcurrentHashMap<RecordKey, StoredRecord> instances = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, StoredRecord> sessions = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RecordKey, StoredRecord> nodes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, NamespaceState> namespaces = new ConcurrentHashMap<>();
    private final Holdings<InstanceKey> holders = new Holdings<>();
    private final Holdings<String> owners = new Holdings<>();
    private final Tombstones tombstones = new Tombstones();

    /** An estimate; written by the applier. */
    private final AtomicLong bytes = new AtomicLong();

    /** Nothing in them is older: what is not there was not there at this revision. */
    final long since;

    Contents(long since) {
        this.since = since;
    }

    @Nullable
    StoredRecord record(RecordKey key) {
        return switch (key) {
            case RecordKey.OfSession session -> sessions.get(session.sessionId());
            case RecordKey.OfInstance instance -> instances.get(instance);
            case RecordKey.OfNode node -> nodes.get(node);
        };
    }

    /** Of every record; a copy. */
    Set<RecordKey> keys() {
        Set<RecordKey> keys = new HashSet<>(instances.keySet());
        sessions.values().forEach(session -> keys.add(session.key()));
        keys.addAll(nodes.keySet());
        return keys;
    }

    Collection<StoredRecord> sessions() {
        return sessions.values();
    }

    Collection<StoredRecord> nodes() {
        return nodes.values();
    }

    /** An estimate of the heap that instances, tombstones and sessions take. */
    long bytes() {
        return bytes.get();
    }

    /** Null where a namespace never had an instance. */
    @Nullable
    NamespaceState namespace(String name) {
        return namespaces.get(name);
    }

    /** Which session holds an instance. */
    Holdings<InstanceKey> holders() {
        return holders;
    }

    /** Which server owns a session. */
    Holdings<String> owners() {
        return owners;
    }

    /** The oldest tombstones written up to a revision, at most {@code max}. */
    Collection<StoredRecord> tombstonesUpTo(long upTo, int max) {
        List<StoredRecord> result = new ArrayList<>();
        for (Tombstones.Entry entry : tombstones.oldest(upTo, max, this::stands)) {
            StoredRecord record = instances.get(entry.key());
            if (record != null && record.revision() == entry.revision()) {
                result.add(record);
            }
        }
        return result;
    }

    private boolean stands(Tombstones.Entry entry) {
        StoredRecord record = instances.get(entry.key());
        return record != null && record.revision() == entry.revision() && record.value() instanceof Tombstone;
    }

    // --- the applier's side: one thread ------------------------------------------------------------------------------

    /** Puts a record; returns what was there before. */
    @Nullable
    StoredRecord put(StoredRecord record) {
        return switch (record.key()) {
            case RecordKey.OfSession session -> {
                StoredRecord before = sessions.put(session.sessionId(), record);
                bytes.addAndGet(ViewFootprint.of(record) - ViewFootprint.of(before));
                owners.moved(session.sessionId(), owner(before), owner(record));
                yield before;
            }
            case RecordKey.OfInstance instance -> {
                if (record.value() instanceof Tombstone) {
                    tombstones.add(instance, record.revision());
                }
                StoredRecord before = instances.put(instance, record);
                bytes.addAndGet(ViewFootprint.of(record) - ViewFootprint.of(before));
                yield before;
            }
            case RecordKey.OfNode node -> nodes.put(node, record);
        };
    }

    /** Deletes a record; returns what was there before. */
    @Nullable
    StoredRecord delete(RecordKey key) {
        return switch (key) {
            case RecordKey.OfSession session -> {
                StoredRecord before = sessions.remove(session.sessionId());
                bytes.addAndGet(-ViewFootprint.of(before));
                owners.moved(session.sessionId(), owner(before), "");
                yield before;
            }
            case RecordKey.OfInstance instance -> {
                StoredRecord before = instances.remove(instance);
                bytes.addAndGet(-ViewFootprint.of(before));
                yield before;
            }
            case RecordKey.OfNode node -> nodes.remove(node);
        };
    }

    private static String owner(@Nullable StoredRecord stored) {
        return stored != null && stored.value() instanceof SessionRecord session ? session.owner() : "";
    }

    /** Shows changes of one commit to one namespace, all at once. */
    void show(long commitRevision, String namespace, List<AppliedCommit.InstanceChange> changes) {
        for (AppliedCommit.InstanceChange change : changes) {
            holders.moved(change.key(), change.beforeSession(), change.afterSession());
        }
        namespaces.computeIfAbsent(namespace, ignored -> new NamespaceState()).apply(commitRevision, changes);
    }
}
