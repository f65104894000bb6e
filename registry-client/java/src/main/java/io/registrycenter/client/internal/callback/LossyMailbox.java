package io.registrycenter.client.internal.callback;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls that wait for one listener: at most {@link #MAX_WAITING}, above it the oldest is dropped and counted. Any thread. */
public final class LossyMailbox {

    static final int MAX_WAITING = 64;

    private static final Logger log = LoggerFactory.getLogger(LossyMailbox.class);

    private final String what;
    private final Turn turn;

    @GuardedBy("this")
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private long dropped;

    LossyMailbox(Callbacks callbacks, String what) {
        this.what = what;
        this.turn = callbacks.turn(what, this::deliverOne);
    }

    public void offer(Runnable call) {
        synchronized (this) {
            if (waiting.size() == MAX_WAITING) {
                waiting.removeFirst();
                if (dropped++ == 0) {
                    log.warn("{} is slow: its oldest events are dropped", what);
                }
            }
            waiting.addLast(call);
        }
        turn.wake();
    }

    private boolean deliverOne() {
        Runnable call = poll();
        if (call == null) {
            return false;
        }
        Callbacks.guarded(what, call);
        return true;
    }

    private synchronized @Nullable Runnable poll() {
        return waiting.pollFirst();
    }
}
