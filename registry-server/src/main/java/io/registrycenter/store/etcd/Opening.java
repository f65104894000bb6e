package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.MaintenanceGrpc;
import io.registrycenter.store.etcd.wire.PutRequest;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.StatusRequest;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the history in etcd, or begins one. Blocks; runs once, on the thread that opens the store. */
final class Opening {

    /** The oldest version whose known faults do not concern us. */
    private static final String SUPPORTED = "3.5.28";

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final Calls calls;
    private final Keyspace keys;
    private final EtcdSettings settings;
    private final boolean intake;

    /** @param intake for an import: also where one is under way */
    Opening(Calls calls, Keyspace keys, EtcdSettings settings, boolean intake) {
        this.calls = calls;
        this.keys = keys;
        this.settings = settings;
        this.intake = intake;
    }

    /**
     * What is there.
     *
     * @param begun it was begun by this very call: nothing is in it
     */
    record Found(String epoch, long born, long floor, boolean begun) {}

    /** @throws StoreException {@code UNAVAILABLE}, when no member answers in time or answers are refused */
    Found run(Patience patience) {
        try {
            return patience.ask(this::find);
        } catch (StoreException e) {
            throw OpeningAdvice.on(e, settings);
        }
    }

    private Found find() {
        String what = "the history in etcd at " + settings.endpoints() + " cannot be opened";
        sayVersion(what);
        TxnRequest begin = TxnRequest.newBuilder()
                .addCompare(Txns.unchanged(keys.epoch, 0))
                .addSuccess(Txns.put(keys.epoch, newEpoch(), 0))
                .addSuccess(get(keys.epoch))
                .addSuccess(get(keys.compacted))
                .addSuccess(get(keys.intake))
                .addFailure(get(keys.epoch))
                .addFailure(get(keys.compacted))
                .addFailure(get(keys.intake))
                .build();
        TxnResponse response = calls.await(what, calls.untilAnswered(KVGrpc.getTxnMethod(), begin));
        int first = response.getSucceeded() ? 1 : 0;
        KeyValue epoch = response.getResponses(first).getResponseRange().getKvs(0);
        KeyValue compacted = Txns.first(response.getResponses(first + 1).getResponseRange());
        if (!intake && Txns.first(response.getResponses(first + 2).getResponseRange()) != null) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "the history in etcd under " + settings.prefix()
                            + " is being imported, or its import was broken off:"
                            + " wait for it, or import again with --replace");
        }
        String name = epoch.getValue().toStringUtf8();
        if (settings.newEpoch() && !response.getSucceeded()) {
            ByteString another = newEpoch();
            calls.await(
                    what,
                    calls.untilAnswered(
                            KVGrpc.getPutMethod(),
                            PutRequest.newBuilder()
                                    .setKey(keys.epoch)
                                    .setValue(another)
                                    .build()));
            name = another.toStringUtf8();
            LOG.warn("The history in etcd goes on as a new one, epoch {}: every watcher gets a snapshot", name);
        }
        long floor = compacted == null ? 0 : floor(compacted);
        return new Found(name, epoch.getCreateRevision(), floor, response.getSucceeded());
    }

    /** Whether the state at a revision can still be read; somebody else may have told etcd to compact. */
    boolean readable(long revision) {
        RangeRequest probe = RangeRequest.newBuilder()
                .setKey(keys.epoch)
                .setRevision(revision)
                .setKeysOnly(true)
                .build();
        try {
            calls.await("the history in etcd cannot be read", calls.untilAnswered(KVGrpc.getRangeMethod(), probe));
            return true;
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.COMPACTED) {
                return false;
            }
            throw e;
        }
    }

    static long floor(KeyValue compacted) {
        return Long.parseLong(compacted.getValue().toStringUtf8());
    }

    private void sayVersion(String what) {
        String version = calls.await(
                        what,
                        calls.untilAnswered(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance()))
                .getVersion();
        if (older(version, SUPPORTED)) {
            LOG.warn(
                    "etcd {} has known faults that concern this server; supported are {} and newer, 3.6 included",
                    version,
                    SUPPORTED);
        }
    }

    static boolean older(String version, String than) {
        String[] left = version.split("[.+-]", -1);
        String[] right = than.split("\\.", -1);
        for (int i = 0; i < right.length; i++) {
            int part = i < left.length && left[i].matches("\\d{1,9}") ? Integer.parseInt(left[i]) : 0;
            int other = Integer.parseInt(right[i]);
            if (part != other) {
                return part < other;
            }
        }
        return false;
    }

    private static ByteString newEpoch() {
        return ByteString.copyFromUtf8(UUID.randomUUID().toString());
    }

    private static RequestOp get(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }
}
