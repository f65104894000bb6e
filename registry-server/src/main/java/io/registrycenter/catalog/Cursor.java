package io.registrycenter.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A position in one history: everything up to and including {@code revision} has been applied. The resume point.
 *
 * <p>Two cursors are equal when they name the same position: the mark is the proof of a position, not a part of it.
 *
 * @param epoch identity of the history
 * @param revision position in it, 0 or more
 * @param mark checksum of all instances as they stood at the revision, which tells this history from one that was thrown away
 *     under the same epoch; {@link #NO_MARK} where it is not known
 */
public record Cursor(String epoch, long revision, long mark) {

    /** The mark of a cursor that has none; no state has this checksum. */
    public static final long NO_MARK = 0;

    /** A cursor without a mark, which is believed by its epoch and revision alone. */
    public Cursor(String epoch, long revision) {
        this(epoch, revision, NO_MARK);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cursor cursor && cursor.revision == revision && cursor.epoch.equals(epoch);
    }

    @Override
    public int hashCode() {
        return 31 * epoch.hashCode() + Long.hashCode(revision);
    }

    @Override
    public String toString() {
        return epoch + "-" + revision;
    }
}
