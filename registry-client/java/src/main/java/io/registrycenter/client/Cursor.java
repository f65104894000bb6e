package io.registrycenter.client;

/**
 * A position in one history: everything up to and including {@code revision} has been applied.
 *
 * @param epoch identity of the history; a wiped or restored registry has another one
 * @param revision position in it; grows, with gaps
 */
public record Cursor(String epoch, long revision) {

    @Override
    public String toString() {
        return epoch + "-" + revision;
    }
}
