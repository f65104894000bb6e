package io.registrycenter.watch;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has to write, in the order it must go out: the welcome, a due heartbeat, answers, then subscriptions in
 * turn, one message each. Confined to the stream's lane.
 *
 * <p>Holds no data of subscriptions: those stand here with their place on the ring, and make a message when it can be written.
 */
final class Outbox {

    /** Answers about single subscriptions that may wait for the transport. */
    static final int MAX_ANSWERS = 2_048;

    private final Outlet outlet;
    private final ArrayDeque<Subscription> waiting = new ArrayDeque<>(1);

    /** Made when there is an answer and let go when the last is written: most streams wait without one. */
    private @Nullable ArrayDeque<Frame> answers;

    private boolean heartbeatDue;

    Outbox(Outlet outlet) {
        this.outlet = outlet;
    }

    /** Adds an answer; false when too many wait. */
    boolean add(Frame answer) {
        if (answers == null) {
            answers = new ArrayDeque<>(2);
        }
        answers.addLast(answer);
        return answers.size() <= MAX_ANSWERS;
    }

    void add(Subscription subscription) {
        if (!subscription.queued && subscription.hasMore()) {
            subscription.queued = true;
            waiting.addLast(subscription);
        }
    }

    void remove(Subscription subscription) {
        if (subscription.queued) {
            subscription.queued = false;
            waiting.remove(subscription);
        }
    }

    /** A heartbeat goes out before any further data. */
    void heartbeatDue() {
        heartbeatDue = true;
    }

    boolean isEmpty() {
        return !heartbeatDue && waiting.isEmpty() && answers == null;
    }

    void clear() {
        waiting.clear();
        answers = null;
        heartbeatDue = false;
    }

    /**
     * Writes one message; the transport must be ready.
     *
     * @return false when there was nothing to write
     */
    boolean writeNext(WatchStream stream) {
        boolean welcomed = answers == null || !(answers.peekFirst() instanceof Frame.Welcome);
        if (heartbeatDue && welcomed) {
            heartbeatDue = false;
            outlet.write(stream.nextHeartbeat());
            return true;
        }
        if (answers != null) {
            outlet.write(nextAnswer(answers));
            return true;
        }
        @Nullable Subscription next = waiting.pollFirst();
        if (next == null) {
            return false;
        }
        next.queued = false;
        next.step();
        add(next);
        return true;
    }

    private Frame nextAnswer(ArrayDeque<Frame> from) {
        Frame answer = from.removeFirst();
        if (from.isEmpty()) {
            answers = null;
        }
        return answer;
    }
}
