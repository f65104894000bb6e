package io.registrycenter.catalog;

/**
 * A position in one history: everything up to and including {@code revision} has been applied. The resume point.
 *
 * @param epoch identity of the history
 * @param revision position in it, 0 or more
 */
public record Cursor(String epoch, long revision) {

    @Override
    public String toString() {
        return epoch + "-" + revision;
    }
}
