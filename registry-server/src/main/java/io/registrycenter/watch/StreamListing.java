package io.registrycenter.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Collects the figures of the streams of one lane, a slice at a time, so that watchers are served in between.
 *
 * <p>Confined to the lane; the future completes there.
 */
final class StreamListing implements Runnable {

    private static final int SLICE = 256;

    private final Lane lane;
    private final StreamFilter filter;
    private final int limit;
    private final List<StreamFigures> found = new ArrayList<>();
    private final CompletableFuture<List<StreamFigures>> result = new CompletableFuture<>();
    private List<WatchStream> streams = List.of();
    private int position;

    private StreamListing(Lane lane, StreamFilter filter, int limit) {
        this.lane = lane;
        this.filter = filter;
        this.limit = limit;
    }

    /**
     * The figures of streams that match, at most so many. Any thread.
     *
     * @return never completes when the lane's executor is shut down before
     */
    static CompletableFuture<List<StreamFigures>> of(Lane lane, StreamFilter filter, int limit) {
        StreamListing listing = new StreamListing(lane, filter, limit);
        lane.execute(() -> {
            listing.streams = lane.streams();
            listing.run();
        });
        return listing.result;
    }

    @Override
    public void run() {
        try {
            int end = Math.min(streams.size(), position + SLICE);
            while (position < end && found.size() < limit) {
                WatchStream stream = streams.get(position++);
                if (stream.state() != StreamState.CLOSED) {
                    look(stream);
                }
            }
        } catch (RuntimeException fault) {
            result.completeExceptionally(fault);
            return;
        }
        if (position < streams.size() && found.size() < limit) {
            lane.execute(this);
        } else {
            result.complete(List.copyOf(found));
        }
    }

    private void look(WatchStream stream) {
        if (!filter.matchesPeer(stream.peer()) || (filter.byInterest() && !StreamLook.watches(stream, filter))) {
            return;
        }
        StreamFigures figures = stream.figures();
        if (filter.condition() == null || filter.condition() == figures.condition()) {
            found.add(figures);
        }
    }
}
