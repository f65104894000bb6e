package io.registrycenter.load.yardstick;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The bytes of the contract, taken apart and put together without building messages. Stateless. */
final class Encoded {
    private Encoded() {}

    /**
     * The parts of a register call that the yardstick looks at.
     *
     * @param instance the encoded instance as the client sent it
     */
    record Registration(String service, String id, ByteString instance) {}

    static Registration registration(byte[] request) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(request);
            String service = "";
            ByteString instance = ByteString.EMPTY;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case RegisterRequest.SERVICE_FIELD_NUMBER -> service = in.readString();
                    case RegisterRequest.INSTANCE_FIELD_NUMBER -> instance = in.readBytes();
                    default -> in.skipField(tag);
                }
            }
            return new Registration(service, id(instance), instance);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String id(ByteString instance) throws IOException {
        CodedInputStream in = instance.newCodedInput();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == Instance.ID_FIELD_NUMBER) {
                return in.readString();
            }
            in.skipField(tag);
        }
        return "";
    }

    /** The instance as stored: what the client sent, and after it the fields that the server sets. */
    static byte[] stored(Registration registration, long created, long modified) {
        ByteString sent = registration.instance();
        int size = CodedOutputStream.computeStringSize(Instance.SERVICE_FIELD_NUMBER, registration.service())
                + sent.size()
                + CodedOutputStream.computeInt64Size(Instance.CREATED_REVISION_FIELD_NUMBER, created)
                + CodedOutputStream.computeInt64Size(Instance.MODIFIED_REVISION_FIELD_NUMBER, modified);
        return write(size, out -> {
            out.writeString(Instance.SERVICE_FIELD_NUMBER, registration.service());
            out.writeRawBytes(sent);
            out.writeInt64(Instance.CREATED_REVISION_FIELD_NUMBER, created);
            out.writeInt64(Instance.MODIFIED_REVISION_FIELD_NUMBER, modified);
        });
    }

    static byte[] registerResponse(byte[] cursor, byte[] stored) {
        int size = CodedOutputStream.computeByteArraySize(RegisterResponse.CURSOR_FIELD_NUMBER, cursor)
                + CodedOutputStream.computeByteArraySize(RegisterResponse.INSTANCE_FIELD_NUMBER, stored);
        return write(size, out -> {
            out.writeByteArray(RegisterResponse.CURSOR_FIELD_NUMBER, cursor);
            out.writeByteArray(RegisterResponse.INSTANCE_FIELD_NUMBER, stored);
        });
    }

    static byte[] cursor(String epoch, long revision) {
        int size = CodedOutputStream.computeStringSize(Cursor.EPOCH_FIELD_NUMBER, epoch)
                + CodedOutputStream.computeInt64Size(Cursor.REVISION_FIELD_NUMBER, revision);
        return write(size, out -> {
            out.writeString(Cursor.EPOCH_FIELD_NUMBER, epoch);
            out.writeInt64(Cursor.REVISION_FIELD_NUMBER, revision);
        });
    }

    /** A commit of one put, as the field `deltas` of a response: such arrays concatenate. */
    static byte[] delta(long after, long revision, byte[] stored) {
        int change = CodedOutputStream.computeByteArraySize(Change.PUT_FIELD_NUMBER, stored);
        int changes = CodedOutputStream.computeTagSize(Delta.CHANGES_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(change)
                + change;
        int delta = CodedOutputStream.computeInt64Size(Delta.AFTER_FIELD_NUMBER, after)
                + CodedOutputStream.computeInt64Size(Delta.REVISION_FIELD_NUMBER, revision)
                + changes;
        int size = CodedOutputStream.computeTagSize(WatchResponse.DELTAS_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(delta)
                + delta;
        return write(size, out -> {
            out.writeTag(WatchResponse.DELTAS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(delta);
            out.writeInt64(Delta.AFTER_FIELD_NUMBER, after);
            out.writeInt64(Delta.REVISION_FIELD_NUMBER, revision);
            out.writeTag(Delta.CHANGES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(change);
            out.writeByteArray(Change.PUT_FIELD_NUMBER, stored);
        });
    }

    /** A stored instance as the field `instances` of a snapshot. */
    static byte[] snapshotInstance(byte[] stored) {
        int size = CodedOutputStream.computeByteArraySize(Snapshot.INSTANCES_FIELD_NUMBER, stored);
        return write(size, out -> out.writeByteArray(Snapshot.INSTANCES_FIELD_NUMBER, stored));
    }

    /** Announces a snapshot of this many bytes, as the field `snapshot` of a response. */
    static byte[] snapshotHead(int bytes) {
        int size = CodedOutputStream.computeTagSize(WatchResponse.SNAPSHOT_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(bytes);
        return write(size, out -> {
            out.writeTag(WatchResponse.SNAPSHOT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(bytes);
        });
    }

    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static byte[] write(int size, Writing writing) {
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.checkNoSpaceLeft();
        return bytes;
    }
}
