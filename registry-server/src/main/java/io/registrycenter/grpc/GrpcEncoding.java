package io.registrycenter.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.watch.Encoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Words as the bytes of repeated protobuf fields, so that any number of them can stand one after another.
 *
 * <p>Protobuf does not care about the order of fields, and entries of a repeated field may stand anywhere: {@code deltaHead}
 * followed by {@code changes} is one entry of {@code WatchResponse.deltas}, and several such pairs are several entries.
 * Immutable; any thread.
 */
public final class GrpcEncoding implements Encoding {

    private static final int MARK_FIELD_BYTES =
            CodedOutputStream.computeByteArraySize(Delta.MARK_FIELD_NUMBER, WordsWire.mark(1));

    @Override
    public byte[] changes(List<Change> changes) {
        List<MessageLite> messages = new ArrayList<>(changes.size());
        for (Change change : changes) {
            messages.add(WordsWire.change(change));
        }
        return repeated(Delta.CHANGES_FIELD_NUMBER, messages);
    }

    @Override
    public byte[] deltaHead(long after, long revision, long mark, boolean coalesced, int changesBytes) {
        int fields = int64Size(Delta.AFTER_FIELD_NUMBER, after)
                + int64Size(Delta.REVISION_FIELD_NUMBER, revision)
                + (coalesced ? CodedOutputStream.computeBoolSize(Delta.COALESCED_FIELD_NUMBER, true) : 0)
                + (mark == Cursor.NO_MARK ? 0 : MARK_FIELD_BYTES);
        int length = fields + changesBytes;
        byte[] head = new byte
                [CodedOutputStream.computeTagSize(WatchResponse.DELTAS_FIELD_NUMBER)
                        + CodedOutputStream.computeUInt32SizeNoTag(length)
                        + fields];
        return write(head, out -> {
            out.writeTag(WatchResponse.DELTAS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(length);
            if (after != 0) {
                out.writeInt64(Delta.AFTER_FIELD_NUMBER, after);
            }
            if (revision != 0) {
                out.writeInt64(Delta.REVISION_FIELD_NUMBER, revision);
            }
            if (coalesced) {
                out.writeBool(Delta.COALESCED_FIELD_NUMBER, true);
            }
            if (mark != Cursor.NO_MARK) {
                out.writeByteArray(Delta.MARK_FIELD_NUMBER, WordsWire.mark(mark));
            }
        });
    }

    @Override
    public List<Part> instances(List<Instance> instances, int maxBytes) {
        List<Part> parts = new ArrayList<>();
        // The messages of one part at a time: all of them would take more than the snapshot itself.
        List<MessageLite> messages = new ArrayList<>();
        int bytes = 0;
        for (Instance instance : instances) {
            MessageLite message = WordsWire.instance(instance);
            int size = CodedOutputStream.computeMessageSize(Snapshot.INSTANCES_FIELD_NUMBER, message);
            if (bytes + size > maxBytes && !messages.isEmpty()) {
                parts.add(part(messages));
                messages.clear();
                bytes = 0;
            }
            messages.add(message);
            bytes += size;
        }
        if (!messages.isEmpty() || parts.isEmpty()) {
            parts.add(part(messages));
        }
        return List.copyOf(parts);
    }

    private static Part part(List<MessageLite> messages) {
        return new Part(repeated(Snapshot.INSTANCES_FIELD_NUMBER, messages), messages.size());
    }

    private static byte[] repeated(int field, List<MessageLite> messages) {
        int size = 0;
        for (MessageLite message : messages) {
            size += CodedOutputStream.computeMessageSize(field, message);
        }
        return write(new byte[size], out -> {
            for (MessageLite message : messages) {
                out.writeMessage(field, message);
            }
        });
    }

    private static int int64Size(int field, long value) {
        return value == 0 ? 0 : CodedOutputStream.computeInt64Size(field, value);
    }

    /** Fills an array that is exactly as long as what is written. */
    static byte[] write(byte[] target, Writing writing) {
        CodedOutputStream out = CodedOutputStream.newInstance(target);
        try {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes what was measured", e);
        }
        out.checkNoSpaceLeft();
        return target;
    }

    /** Writes fields. */
    @FunctionalInterface
    interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }
}
