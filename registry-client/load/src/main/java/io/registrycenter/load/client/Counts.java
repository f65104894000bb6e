package io.registrycenter.load.client;

/**
 * What watchers received; differences of two readings are the figures.
 *
 * @param changes instances put or removed
 * @param deltas commits, or coalesced spans of them
 * @param messages gRPC messages
 * @param gaps deltas whose `after` was above the watcher's cursor: lost changes
 * @param lost watchers whose stream ended though nobody cut it
 * @param bytesIn bytes received, HTTP/2 frames and all
 */
public record Counts(long changes, long deltas, long messages, long gaps, long lost, long bytesIn) {
    static final Counts ZERO = new Counts(0, 0, 0, 0, 0, 0);

    Counts plus(Counts other) {
        return new Counts(
                changes + other.changes,
                deltas + other.deltas,
                messages + other.messages,
                gaps + other.gaps,
                lost + other.lost,
                bytesIn + other.bytesIn);
    }

    public Counts minus(Counts other) {
        return new Counts(
                changes - other.changes,
                deltas - other.deltas,
                messages - other.messages,
                gaps - other.gaps,
                lost - other.lost,
                bytesIn - other.bytesIn);
    }
}
