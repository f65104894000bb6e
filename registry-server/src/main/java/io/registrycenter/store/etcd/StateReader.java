package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RangeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads every record as it stood at one revision, page by page. Blocks; for any thread but those of the engine. */
final class StateReader {

    /** Records of 16 KiB at most: 16 MiB. */
    private static final int PAGE = 1_000;

    /** etcd's own: the newest there is. */
    private static final long NEWEST = 0;

    private final Calls calls;
    private final Keyspace keys;

    StateReader(Calls calls, Keyspace keys) {
        this.calls = calls;
        this.keys = keys;
    }

    /** @throws StoreException {@code COMPACTED}, or {@code UNAVAILABLE} */
    List<StoredRecord> read(long revision) {
        List<StoredRecord> records = new ArrayList<>();
        scan(revision, records::add);
        return records;
    }

    /** In the order of their paths, a page at a time; otherwise as {@link #read}. */
    void scan(long revision, Consumer<StoredRecord> receiver) {
        var unused = pages(revision, kv -> {
            RecordKey key = keys.record(kv.getKey());
            if (key != null) {
                receiver.accept(Txns.stored(key, kv));
            }
        });
    }

    /**
     * Everything below our prefix as it stands at the newest revision, keys of the engine included. For the first page the member
     * that is asked confirms with the leader that it is not behind.
     *
     * @return that revision
     * @throws StoreException {@code COMPACTED} when the revision was compacted away before the last page, or {@code UNAVAILABLE}
     */
    long newest(Consumer<KeyValue> receiver) {
        return pages(NEWEST, receiver);
    }

    private long pages(long wanted, Consumer<KeyValue> receiver) {
        ByteString from = keys.prefix;
        long revision = wanted;
        boolean more = true;
        while (more) {
            RangeResponse page = page(from, revision);
            page.getKvsList().forEach(receiver);
            revision = revision == NEWEST ? page.getHeader().getRevision() : revision;
            more = page.getMore() && page.getKvsCount() > 0;
            if (more) {
                // The next key there can be.
                from = page.getKvs(page.getKvsCount() - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
            }
        }
        return revision;
    }

    private RangeResponse page(ByteString from, long revision) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(from)
                .setRangeEnd(keys.end)
                .setLimit(PAGE)
                .setRevision(revision)
                .build();
        String at = revision == NEWEST ? "the newest state" : "the state at revision " + revision;
        return calls.await(at + " cannot be read", calls.untilAnswered(KVGrpc.getRangeMethod(), request));
    }
}
