package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The highest revision that was acknowledged, in a file of its own beside the database: SQLite takes a WAL that was cut for
 * one that ends there, so only a second witness can tell that acknowledged commits are missing.
 *
 * <p>64 bytes: 8 magic, 8 head, 40 epoch (padded with zeros), 8 checksum of magic and epoch. The head is one aligned number in
 * a mapped page, stored after SQLite has forced the commit and before anyone is told: it survives the death of the process as
 * it stands, costs no system call, and after a loss of power it may be older than the database, never newer.
 *
 * <p>Confined to the writer thread once the store is open.
 */
final class HeadMark {

    private static final byte[] MAGIC = "RCHEAD1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_AT = 8;
    private static final int EPOCH_AT = 16;
    private static final int EPOCH_BYTES = 40;
    private static final int SUM_AT = EPOCH_AT + EPOCH_BYTES;
    private static final int BYTES = SUM_AT + 8;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /**
     * What a mark says.
     *
     * @param head the highest revision that was acknowledged
     */
    record Content(String epoch, long head) {}

    private final MappedByteBuffer mapped;

    private HeadMark(MappedByteBuffer mapped) {
        this.mapped = mapped;
    }

    /**
     * What the file says.
     *
     * @throws IOException when it is missing, cut or damaged: the message says which
     */
    static Content read(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException("is missing");
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length != BYTES) {
            throw new IOException("has " + bytes.length + " bytes instead of " + BYTES);
        }
        long head = buffer.getLong(HEAD_AT);
        boolean ours = Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!ours || buffer.getLong(SUM_AT) != sum(bytes) || head < 0) {
            throw new IOException("is damaged");
        }
        int end = EPOCH_AT;
        while (end < SUM_AT && bytes[end] != 0) {
            end++;
        }
        return new Content(new String(bytes, EPOCH_AT, end - EPOCH_AT, StandardCharsets.US_ASCII), head);
    }

    /** Writes a whole new mark in place of what is there. */
    static void create(Path file, Content content) throws IOException {
        byte[] epoch = content.epoch().getBytes(StandardCharsets.US_ASCII);
        if (epoch.length > EPOCH_BYTES) {
            throw new IllegalArgumentException("an epoch has at most " + EPOCH_BYTES + " characters");
        }
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        buffer.put(MAGIC).putLong(content.head()).put(epoch);
        buffer.putLong(SUM_AT, sum(buffer.array())).rewind();
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DataDirectory.forceName(file);
    }

    /** Maps a mark that was read before. */
    static HeadMark open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new HeadMark(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
        }
    }

    void set(long head) {
        LONG.setVolatile(mapped, HEAD_AT, head);
    }

    private static long sum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, HEAD_AT);
        sum.update(bytes, EPOCH_AT, EPOCH_BYTES);
        return sum.getValue();
    }
}
