package io.registrycenter.load.etcd;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.load.etcd.wire.KVGrpc;
import io.registrycenter.load.etcd.wire.KeyValue;
import io.registrycenter.load.etcd.wire.PutRequest;
import io.registrycenter.load.etcd.wire.RangeRequest;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks one member of etcd. For one thread. */
public final class EtcdClient implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 20;
    private static final int MAX_MESSAGE_BYTES = 64 << 20;

    private final ManagedChannel channel;

    public EtcdClient(InetSocketAddress etcd) {
        channel = NettyChannelBuilder.forAddress(etcd)
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    private KVGrpc.KVBlockingStub calls() {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** The newest revision: grows by one with every transaction that writes, and with nothing else. */
    public long revision() {
        return calls().range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("nothing"))
                        .build())
                .getHeader()
                .getRevision();
    }

    /** Everything whose key begins so. */
    List<KeyValue> all(String prefix) {
        ByteString begin = ByteString.copyFromUtf8(prefix);
        int last = begin.size() - 1;
        ByteString end =
                begin.substring(0, last).concat(ByteString.copyFrom(new byte[] {(byte) (begin.byteAt(last) + 1)}));
        return calls().range(
                        RangeRequest.newBuilder().setKey(begin).setRangeEnd(end).build())
                .getKvsList();
    }

    /** Writes one key and returns the revision. */
    long put(ByteString key, ByteString value) {
        return calls().put(PutRequest.newBuilder().setKey(key).setValue(value).build())
                .getHeader()
                .getRevision();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
