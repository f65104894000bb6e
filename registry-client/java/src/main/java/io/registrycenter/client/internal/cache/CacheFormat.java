package io.registrycenter.client.internal.cache;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.internal.wire.Words;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Views as the bytes of one file: magic number, version, checksum of the rest, namespace, views. Numbers are big-endian;
 * interests, cursors and instances are messages of the wire contract, each after its length.
 */
final class CacheFormat {

    /** A bigger file is neither written nor read. */
    static final int MAX_BYTES = 64 << 20;

    static final int MAX_VIEWS = 1_000;

    private static final int MAGIC = 0x52435657;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 3 * Integer.BYTES;

    /** A file that is not ours, of another version, or damaged. */
    static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreadable(String why) {
            super(why);
        }

        Unreadable(String why, Throwable cause) {
            super(why, cause);
        }
    }

    private CacheFormat() {}

    /**
     * As many of the views as fit.
     *
     * @param views the most important first
     */
    static byte[] encode(String namespace, List<CachedView> views) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.writeUTF(namespace);
        int room = MAX_BYTES - HEADER_BYTES - body.size();
        for (CachedView view : views.subList(0, Math.min(views.size(), MAX_VIEWS))) {
            byte[] bytes = encode(view);
            if (bytes.length <= room) {
                out.write(bytes);
                room -= bytes.length;
            }
        }
        byte[] rest = body.toByteArray();
        return ByteBuffer.allocate(HEADER_BYTES + rest.length)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(checksum(rest, 0))
                .put(rest)
                .array();
    }

    private static byte[] encode(CachedView view) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Words.wire(view.interest()).writeDelimitedTo(out);
        Words.wire(view.cursor()).writeDelimitedTo(out);
        out.writeLong(view.provenAt().toEpochMilli());
        out.writeInt(view.held());
        out.writeInt(view.instances().size());
        for (Instance instance : view.instances()) {
            Words.wireWhole(instance).writeDelimitedTo(out);
        }
        return bytes.toByteArray();
    }

    /** The views of that namespace. */
    static List<CachedView> decode(String namespace, byte[] file) throws Unreadable {
        if (file.length < HEADER_BYTES || ByteBuffer.wrap(file).getInt() != MAGIC) {
            throw new Unreadable("it is no cache of views");
        }
        int version = ByteBuffer.wrap(file).getInt(Integer.BYTES);
        if (version != VERSION) {
            throw new Unreadable("it has version " + version + ", this client reads " + VERSION);
        }
        if (ByteBuffer.wrap(file).getInt(2 * Integer.BYTES) != checksum(file, HEADER_BYTES)) {
            throw new Unreadable("its checksum is wrong");
        }
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(file, HEADER_BYTES, file.length - HEADER_BYTES))) {
            String owner = in.readUTF();
            if (!owner.equals(namespace)) {
                throw new Unreadable("it belongs to namespace \"" + owner + "\"");
            }
            List<CachedView> views = new ArrayList<>();
            while (in.available() > 0) {
                views.add(view(in));
            }
            return views;
        } catch (Unreadable unreadable) {
            throw unreadable;
        } catch (IOException | RuntimeException broken) {
            throw new Unreadable("it cannot be read: " + broken.getMessage(), broken);
        }
    }

    private static CachedView view(DataInputStream in) throws IOException {
        Interest interest = Words.interest(there(io.registrycenter.proto.v1.Interest.parseDelimitedFrom(in)));
        Cursor cursor = Words.cursor(there(io.registrycenter.proto.v1.Cursor.parseDelimitedFrom(in)));
        Instant provenAt = Instant.ofEpochMilli(in.readLong());
        int held = in.readInt();
        int count = in.readInt();
        List<Instance> instances = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            instances.add(Words.instance(there(io.registrycenter.proto.v1.Instance.parseDelimitedFrom(in))));
        }
        return new CachedView(interest, cursor, instances, held, provenAt);
    }

    private static <M> M there(@Nullable M message) throws EOFException {
        if (message == null) {
            throw new EOFException("it ends early");
        }
        return message;
    }

    private static int checksum(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }
}
