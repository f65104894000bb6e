package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.Compare;
import io.registrycenter.store.etcd.wire.DeleteRangeRequest;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.PutRequest;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Transactions in etcd's words. Stateless; any thread. */
final class Txns {

    private Txns() {}

    /** All guards as compares of the last revision, 0 for none; when one does not hold, every guarded record is read instead. */
    static TxnRequest request(Keyspace keys, Transaction transaction, String transactionId) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        for (Guard guard : transaction.guards()) {
            ByteString key = keys.of(guard.key());
            request.addCompare(unchanged(key, guard.revision()));
            request.addFailure(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(key)));
        }
        StringJoiner absent = new StringJoiner("\n");
        for (Mutation mutation : transaction.mutations()) {
            ByteString key = keys.of(mutation.key());
            RecordValue value = mutation.value();
            if (value == null && !known(transaction, mutation.key())) {
                absent.add(mutation.key().path());
            }
            request.addSuccess(
                    value == null
                            ? RequestOp.newBuilder()
                                    .setRequestDeleteRange(
                                            DeleteRangeRequest.newBuilder().setKey(key))
                                    .build()
                            : put(key, Values.encode(value, transactionId), 0));
        }
        if (absent.length() > 0) {
            request.addSuccess(put(keys.absent, ByteString.copyFromUtf8(absent.toString()), 0));
        }
        return request.build();
    }

    /** Whether the guards say that there is such a record. */
    private static boolean known(Transaction transaction, RecordKey key) {
        return transaction.guards().stream()
                .anyMatch(guard -> guard.revision() > 0 && guard.key().equals(key));
    }

    static Compare unchanged(ByteString key, long revision) {
        return Compare.newBuilder()
                .setResult(Compare.CompareResult.EQUAL)
                .setTarget(Compare.CompareTarget.MOD)
                .setKey(key)
                .setModRevision(revision)
                .build();
    }

    static RequestOp put(ByteString key, ByteString value, long lease) {
        return RequestOp.newBuilder()
                .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
                .build();
    }

    /** What the guarded records are, of a transaction whose guards did not hold. */
    static Map<RecordKey, @Nullable StoredRecord> current(Transaction transaction, TxnResponse response) {
        Map<RecordKey, @Nullable StoredRecord> current = new LinkedHashMap<>();
        List<Guard> guards = transaction.guards();
        for (int i = 0; i < guards.size(); i++) {
            RecordKey key = guards.get(i).key();
            KeyValue found = first(response.getResponses(i).getResponseRange());
            current.put(key, found == null ? null : stored(key, found));
        }
        return current;
    }

    static StoredRecord stored(RecordKey key, KeyValue found) {
        return new StoredRecord(key, found.getModRevision(), Values.decode(found.getValue()));
    }

    static @Nullable KeyValue first(RangeResponse range) {
        return range.getKvsCount() == 0 ? null : range.getKvs(0);
    }

    /** Whether there is a guard on every record that it puts or deletes. */
    static boolean guardsAllItWrites(Transaction transaction) {
        return transaction.mutations().stream()
                .allMatch(mutation -> transaction.guards().stream()
                        .anyMatch(guard -> guard.key().equals(mutation.key())));
    }

    /**
     * The place among the guards of a record that this transaction also puts; -1 where there is none. If there is one, the
     * transaction can be sent twice and happens once, since it breaks its own guard; and what it put tells that it happened.
     */
    static int witness(Transaction transaction) {
        List<Guard> guards = transaction.guards();
        for (int i = 0; i < guards.size(); i++) {
            RecordKey key = guards.get(i).key();
            for (Mutation mutation : transaction.mutations()) {
                if (mutation.value() != null && mutation.key().equals(key)) {
                    return i;
                }
            }
        }
        return -1;
    }
}
