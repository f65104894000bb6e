package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
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
 * <p>64 bytes: 8 magic, 8 head, 40 epoch (padded with zeros), 8 checksum of magic and epoch. The head is one aligned number,
 * written after SQLite has forced the commit and before anyone is told, and not forced: it survives the death of the process as
 * it stands, and after a loss of power it may be older than the database, never newer. It is written by a system call and not into
 * a mapped page: there a full disk, which some file systems meet also where a file does not grow, would be an error of the JVM.
 *
 * <p>Confined to the writer thread once the store is open.
 */
final class HeadMark implements AutoCloseable {

    private static final byte[] MAGIC = "RCHEAD1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_AT = 8;
    private static final int EPOCH_AT = 16;
    private static final int EPOCH_BYTES = 40;
    private static final int SUM_AT = EPOCH_AT + EPOCH_BYTES;
    private static final int BYTES = SUM_AT + 8;

    /**
     * What a mark says.
     *
     * @param head the highest revision that was acknowledged
     */
    record Content(String epoch, long head) {}

    private final FileChannel file;
    private final ByteBuffer number = ByteBuffer.allocateDirect(Long.BYTES);

    private HeadMark(FileChannel file) {
        this.file = file;
    }

    /**
     * What the file says.
     *
     * @throws DamagedException when it is missing, cut or damaged: the message says which
     * @throws IOException when it cannot be read
     */
    static Content read(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new DamagedException("is missing");
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length != BYTES) {
            throw new DamagedException("has " + bytes.length + " bytes instead of " + BYTES);
        }
        long head = buffer.getLong(HEAD_AT);
        boolean ours = Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!ours || buffer.getLong(SUM_AT) != sum(bytes) || head < 0) {
            throw new DamagedException("is damaged");
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

    /** Opens a mark that was read before. */
    static HeadMark open(Path file) throws IOException {
        return new HeadMark(FileChannel.open(file, StandardOpenOption.WRITE));
    }

    void set(long head) throws IOException {
        number.clear().putLong(head).flip();
        int at = HEAD_AT;
        while (number.hasRemaining()) {
            at += file.write(number, at);
        }
    }

    /** Sets it so that it survives a loss of power: for a number that may be lower than the last. */
    void setAndForce(long head) throws IOException {
        set(head);
        file.force(false);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static long sum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, HEAD_AT);
        sum.update(bytes, EPOCH_AT, EPOCH_BYTES);
        return sum.getValue();
    }
}
