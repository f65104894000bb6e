package io.registrycenter.load.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.load.client.Template;
import io.registrycenter.load.etcd.wire.Compare;
import io.registrycenter.load.etcd.wire.KeyValue;
import io.registrycenter.load.etcd.wire.PutRequest;
import io.registrycenter.load.etcd.wire.RangeRequest;
import io.registrycenter.load.etcd.wire.RequestOp;
import io.registrycenter.load.etcd.wire.TxnRequest;
import io.registrycenter.load.wire.Framed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The transactions by which a registry wrote its instances, made from what it left in etcd, under a prefix of their own: the same
 * keys and bytes, the compare of the session's revision, one of the instance's (which always holds, so that any number may be on
 * their way), one put, and the reads that a broken guard would ask for. Stateless.
 */
public final class BareTransactions {
    /** Of the registry; the default. */
    private static final String REGISTRY = "/registry/";

    private static final String BARE = "/bareload/";
    private static final String BEFORE_COUNTER = "\"seq\":\"";

    private BareTransactions() {}

    /**
     * One for each instance of the namespace `load`; writes the session records that they compare.
     *
     * @throws IllegalStateException when there is no instance
     */
    public static List<Template> of(EtcdClient etcd) {
        Map<String, Compare> sessions = new LinkedHashMap<>();
        for (KeyValue session : etcd.all(REGISTRY + "s/")) {
            ByteString key = moved(session.getKey());
            long revision = etcd.put(key, session.getValue());
            sessions.put(
                    session.getKey().toStringUtf8().substring(REGISTRY.length() + 2),
                    Compare.newBuilder()
                            .setTarget(Compare.CompareTarget.MOD)
                            .setKey(key)
                            .setModRevision(revision)
                            .build());
        }
        List<Template> transactions = new ArrayList<>();
        for (KeyValue instance : etcd.all(REGISTRY + "i/load/")) {
            String value = instance.getValue().toStringUtf8();
            sessions.forEach((id, compare) -> {
                if (value.contains(id)) {
                    transactions.add(transaction(compare, moved(instance.getKey()), instance.getValue()));
                }
            });
        }
        if (transactions.isEmpty()) {
            throw new IllegalStateException("no registry has written instances to this etcd: name registry-etcd first");
        }
        return transactions;
    }

    private static Template transaction(Compare session, ByteString key, ByteString value) {
        TxnRequest request = TxnRequest.newBuilder()
                .addCompare(session)
                .addCompare(Compare.newBuilder()
                        .setTarget(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.GREATER)
                        .setKey(key)
                        .setModRevision(-1))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value)))
                .addFailure(read(session.getKey()))
                .addFailure(read(key))
                .build();
        return new Template(Framed.bytes(request), BEFORE_COUNTER);
    }

    private static RequestOp read(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }

    private static ByteString moved(ByteString key) {
        return ByteString.copyFromUtf8(BARE).concat(key.substring(REGISTRY.length()));
    }
}
