package io.registrycenter.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Joins mutations that were encoded elsewhere to the bytes of a list of commits, without encoding anything again.
 *
 * <p>Confined to the thread that owns it; used again and again, it keeps its buffer up to 1 MiB.
 */
public final class CommitJoiner {

    private static final int KEPT_BYTES = 1 << 20;
    private static final byte[] REVISION = ascii("{\"revision\":");
    private static final byte[] MUTATIONS = ascii(",\"mutations\":");

    private byte[] buffer = new byte[1 << 16];
    private int size;

    /**
     * Adds one commit.
     *
     * @param revision of the commit
     * @param mutations what {@link RecordCodec#encodeMutations} made
     */
    public void add(long revision, byte[] mutations) {
        reserve(mutations.length + 64);
        buffer[size] = (byte) (size == 0 ? '[' : ',');
        size++;
        append(REVISION);
        appendNumber(revision);
        append(MUTATIONS);
        append(mutations);
        buffer[size++] = '}';
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The list of what was added; the joiner is empty again. */
    public byte[] take() {
        if (size == 0) {
            throw new IllegalStateException("nothing was added");
        }
        reserve(1);
        buffer[size++] = ']';
        byte[] taken = Arrays.copyOf(buffer, size);
        size = 0;
        if (buffer.length > KEPT_BYTES) {
            buffer = new byte[KEPT_BYTES];
        }
        return taken;
    }

    private void appendNumber(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("a revision is never negative, this one is " + number);
        }
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int at = size + digits - 1; at >= size; at--) {
            buffer[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    private void append(byte[] bytes) {
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    private void reserve(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
