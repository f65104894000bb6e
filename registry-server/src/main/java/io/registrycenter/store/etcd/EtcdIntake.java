package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.Intake;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.DeleteRangeRequest;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import java.util.List;

/**
 * Begins a history under a prefix of etcd. From before the first record to after the last a key ({@code meta/intake}) says so, and
 * no server starts; a server that is being started at this very moment loses its history to the new epoch.
 */
public final class EtcdIntake implements Intake {

    private static final int NAMED_SERVERS = 3;

    private final EtcdSettings settings;
    private final Connections connections;
    private final Keyspace keys;
    private final EtcdStore store;

    private EtcdIntake(EtcdSettings settings, Connections connections, EtcdStore store) {
        this.settings = settings;
        this.connections = connections;
        this.keys = connections.keys;
        this.store = store;
    }

    /**
     * Begins it.
     *
     * @param replace records that are there are deleted, also those of an import that was broken off
     * @throws StoreException {@code LOCKED} while servers run, {@code OCCUPIED} when there are records, {@code UNAVAILABLE}
     */
    public static EtcdIntake into(EtcdSettings settings, boolean replace) {
        Connections connections = new Connections(settings, Connections.newMark());
        try {
            Preparation preparation = new Preparation(settings, connections);
            preparation.requireNoServer();
            if (!replace) {
                preparation.requireNoRecord();
            }
            preparation.write(Txns.put(connections.keys.intake, ByteString.copyFromUtf8("{}"), 0));
            preparation.write(preparation.delete(connections.keys.instances, connections.keys.instancesEnd));
            preparation.write(preparation.delete(connections.keys.sessions, connections.keys.sessionsEnd));
            return new EtcdIntake(
                    settings, connections, EtcdStore.open(settings.withNewEpoch(), true, Patience.OF_A_START));
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public void finish() {
        store.beginHere();
        new Preparation(settings, connections).write(delete(keys.intake, ByteString.EMPTY));
    }

    @Override
    public void close() {
        store.close();
        connections.close();
    }

    private static RequestOp delete(ByteString from, ByteString end) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(from).setRangeEnd(end))
                .build();
    }

    /** Looks and single writes, each of which may be done again. */
    private record Preparation(EtcdSettings settings, Connections connections) {

        void requireNoServer() {
            RangeResponse servers = look(connections.keys.nodes, connections.keys.nodesEnd);
            if (servers.getKvsCount() > 0) {
                List<String> names = servers.getKvsList().stream()
                        .map(KeyValue::getKey)
                        .map(key -> key.substring(connections.keys.nodes.size()).toStringUtf8())
                        .toList();
                throw new StoreException(
                        StoreException.Kind.LOCKED,
                        "servers run on the history in etcd under " + settings.prefix() + " ("
                                + String.join(", ", names)
                                + "): stop them; one that was killed is forgotten after registry.etcd.lease-ttl");
            }
        }

        void requireNoRecord() {
            if (look(connections.keys.instances, connections.keys.instancesEnd).getKvsCount() > 0
                    || look(connections.keys.sessions, connections.keys.sessionsEnd)
                                    .getKvsCount()
                            > 0) {
                throw new StoreException(
                        StoreException.Kind.OCCUPIED,
                        "there are records in etcd under " + settings.prefix()
                                + " already: take another registry.etcd.prefix, or say --replace to delete them");
            }
        }

        void write(RequestOp op) {
            connections.calls.await(
                    "etcd cannot be prepared for an import",
                    connections.calls.untilAnswered(
                            KVGrpc.getTxnMethod(),
                            TxnRequest.newBuilder().addSuccess(op).build()));
        }

        RequestOp delete(ByteString from, ByteString end) {
            return EtcdIntake.delete(from, end);
        }

        private RangeResponse look(ByteString from, ByteString end) {
            RangeRequest request = RangeRequest.newBuilder()
                    .setKey(from)
                    .setRangeEnd(end)
                    .setKeysOnly(true)
                    .setLimit(NAMED_SERVERS)
                    .build();
            return connections.calls.await(
                    "etcd cannot be prepared for an import",
                    connections.calls.untilAnswered(KVGrpc.getRangeMethod(), request));
        }
    }
}
