package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The encoded commits of one scope, one after another in a few arrays: what a watcher lacks is a slice or two, whatever the
 * number of commits, and is told without a copy.
 *
 * <p>One writer, under the history's lock. A reader gets here by entries of the ring and reads only between two of them: those
 * bytes were written before the entries were published and are never touched again. An array goes when its last entry has gone.
 * A reader that takes both entries below one {@link Ring#tail} it has read gets two of the same chain of arrays.
 */
final class Tape {

    private static final int SMALLEST_REEL = 512;
    private static final int LARGEST_REEL = 64 << 10;

    /** One array, and what follows when it is full. {@code used} and {@code next} are settled when the next one begins. */
    static final class Reel {
        private final byte[] bytes;
        private int used;
        private @Nullable Reel next;

        private Reel(int capacity) {
            bytes = new byte[capacity];
        }

        int capacity() {
            return bytes.length;
        }
    }

    private @Nullable Reel current;

    /** A reel on which {@code length} more bytes fit; a new one is as large as what the scope remembers anyway. */
    Reel reel(int length, long remembered) {
        Reel now = current;
        if (now != null && now.bytes.length - now.used >= length) {
            return now;
        }
        int wanted = (int) Math.max(SMALLEST_REEL, Math.min(LARGEST_REEL, remembered));
        Reel fresh = new Reel(Math.max(length, wanted));
        if (now != null) {
            now.next = fresh;
        }
        current = fresh;
        return fresh;
    }

    /** Writes one commit to the reel that {@link #reel} gave; returns its offset there. */
    static int append(Reel reel, byte[] head, byte[] changes) {
        int offset = reel.used;
        System.arraycopy(head, 0, reel.bytes, offset, head.length);
        System.arraycopy(changes, 0, reel.bytes, offset + head.length, changes.length);
        reel.used = offset + head.length + changes.length;
        return offset;
    }

    /** Nothing is remembered any more: the last array goes too. */
    void clear() {
        current = null;
    }

    /** The bytes of two entries and of all between them. Any thread. */
    static List<Slice> between(HistoryEntry first, HistoryEntry last) {
        Reel reel = first.reel();
        int end = last.offset() + last.bytes();
        if (reel == last.reel()) {
            return List.of(new Slice(reel.bytes, first.offset(), end - first.offset()));
        }
        List<Slice> slices = new ArrayList<>(2);
        int from = first.offset();
        while (reel != last.reel()) {
            slices.add(new Slice(reel.bytes, from, reel.used - from));
            from = 0;
            Reel next = reel.next;
            if (next == null) {
                throw new IllegalStateException(
                        "the entries " + first.seq() + " and " + last.seq() + " are of two tapes");
            }
            reel = next;
        }
        slices.add(new Slice(reel.bytes, 0, end));
        return slices;
    }
}
