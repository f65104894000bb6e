package io.registrycenter.client;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A position in one history: everything up to and including {@code revision} has been applied.
 *
 * <p>Two cursors are equal when they name the same position: the mark is the proof of a position, not a part of it.
 *
 * @param epoch identity of the history; a wiped or restored registry has another one
 * @param revision position in it; grows, with gaps
 * @param mark what proves to the registry that its history up to the revision is the one this cursor came from, also where an
 *     older copy of its data was put back under the same epoch; opaque, at most 128 characters, empty where it is not known.
 *     Keep it with a cursor that is stored
 */
public record Cursor(String epoch, long revision, String mark) {

    private static final Pattern MARK = Pattern.compile("(?:[0-9a-f]{2}){0,64}");

    /** @throws IllegalArgumentException when the mark cannot be one of a cursor from here */
    public Cursor {
        if (!MARK.matcher(mark).matches()) {
            throw new IllegalArgumentException(
                    "the mark of a cursor is what came with it, at most 128 hexadecimal digits, not \"" + mark + "\"");
        }
    }

    /** A cursor that is believed by its epoch and revision alone. */
    public Cursor(String epoch, long revision) {
        this(epoch, revision, "");
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
