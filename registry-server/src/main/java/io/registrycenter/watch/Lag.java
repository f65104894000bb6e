package io.registrycenter.watch;

import java.util.List;

/**
 * How far the streams are behind, taken every few seconds.
 *
 * @param live streams that have everything
 * @param lagging streams for which something waits
 * @param stalled streams that take none of it
 * @param changes what the one furthest behind has yet to be told
 * @param bytes likewise in encoded bytes, perhaps of another stream
 * @param nanos how long the oldest unwritten change of all has waited
 */
public record Lag(int live, int lagging, int stalled, long changes, long bytes, long nanos) {

    static final Lag NONE = new Lag(0, 0, 0, 0, 0, 0);

    static Lag of(List<WatchStream> streams) {
        int live = 0;
        int lagging = 0;
        int stalled = 0;
        long changes = 0;
        long bytes = 0;
        long nanos = 0;
        for (WatchStream stream : streams) {
            StreamFigures figures = stream.figures();
            switch (figures.condition()) {
                case LIVE -> live++;
                case LAGGING -> lagging++;
                case STALLED -> stalled++;
            }
            changes = Math.max(changes, figures.pendingChanges());
            bytes = Math.max(bytes, figures.pendingBytes());
            nanos = Math.max(nanos, figures.oldestPendingNanos());
        }
        return new Lag(live, lagging, stalled, changes, bytes, nanos);
    }

    Lag plus(Lag other) {
        return new Lag(
                live + other.live,
                lagging + other.lagging,
                stalled + other.stalled,
                Math.max(changes, other.changes),
                Math.max(bytes, other.bytes),
                Math.max(nanos, other.nanos));
    }

    /** Streams in a condition. */
    public int streams(StreamCondition condition) {
        return switch (condition) {
            case LIVE -> live;
            case LAGGING -> lagging;
            case STALLED -> stalled;
        };
    }
}
