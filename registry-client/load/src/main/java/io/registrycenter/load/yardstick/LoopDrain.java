package io.registrycenter.load.yardstick;

import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves all streams of one topic on one event loop, in slices, so that calls waiting on the loop get their turn.
 * {@link #wake} from any thread, the rest on the loop.
 */
final class LoopDrain {
    private static final int SLICE = 256;

    private final EventExecutor loop;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final List<WatchCall> streams = new ArrayList<>();
    private int next;
    private int left;
    private boolean continuing;

    LoopDrain(EventExecutor loop) {
        this.loop = loop;
    }

    void add(WatchCall stream) {
        streams.add(stream);
    }

    void remove(WatchCall stream) {
        int at = streams.indexOf(stream);
        if (at >= 0) {
            WatchCall last = streams.removeLast();
            if (at < streams.size()) {
                streams.set(at, last);
            }
        }
    }

    void wake() {
        if (woken.compareAndSet(false, true)) {
            loop.execute(this::begin);
        }
    }

    private void begin() {
        woken.set(false);
        left = streams.size();
        if (!continuing) {
            slice();
        }
    }

    private void slice() {
        continuing = false;
        for (int i = 0; i < SLICE && left > 0 && !streams.isEmpty(); i++) {
            left--;
            if (next >= streams.size()) {
                next = 0;
            }
            streams.get(next++).drain();
        }
        if (left > 0 && !streams.isEmpty()) {
            continuing = true;
            loop.execute(this::slice);
        }
    }
}
