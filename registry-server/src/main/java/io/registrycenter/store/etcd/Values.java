package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordValue;
import java.nio.charset.StandardCharsets;

/**
 * Records as etcd holds them: the JSON of {@link RecordCodec} with one more field at its end, {@code txn}, which says which
 * transaction wrote it. So a transaction whose answer was lost is found again. Stateless; any thread.
 */
final class Values {

    private Values() {}

    static ByteString encode(RecordValue value, String transactionId) {
        byte[] json = RecordCodec.encode(value);
        return ByteString.copyFrom(json, 0, json.length - 1).concat(ending(transactionId));
    }

    /** @throws IllegalArgumentException when the bytes are no record */
    static RecordValue decode(ByteString stored) {
        return RecordCodec.decode(stored.toByteArray());
    }

    static boolean writtenBy(ByteString stored, String transactionId) {
        return stored.endsWith(ending(transactionId));
    }

    private static ByteString ending(String transactionId) {
        return ByteString.copyFrom(",\"txn\":\"" + transactionId + "\"}", StandardCharsets.US_ASCII);
    }
}
