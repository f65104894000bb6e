package io.registrycenter.watch;

import io.registrycenter.catalog.Refusal;
import java.time.Duration;
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
    private static final int MAX_ANSWERS = 2_048;

    private static final Duration TOO_MANY_RETRY_AFTER = Duration.ofSeconds(30);

    private final Outlet outlet;

    /** Subscriptions in line, linked by {@link Subscription#nextInLine}. */
    private @Nullable Subscription first;

    private @Nullable Subscription last;

    /** Made when there is an answer and let go when the last is written: most streams wait without one. */
    private @Nullable ArrayDeque<Frame> answers;

    private boolean heartbeatDue;
    private boolean draining;

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

    /** The client gave the subscription up: that it ended is no news, and its id may mean another one soon. */
    void dropEnd(long subscriptionId) {
        if (answers != null
                && answers.removeIf(answer ->
                        answer instanceof Frame.SubscriptionEnded ended && ended.subscriptionId() == subscriptionId)
                && answers.isEmpty()) {
            answers = null;
        }
    }

    /** What {@link #add(Frame)} found. */
    static Refusal.LimitExceeded tooManyAnswers() {
        return new Refusal.LimitExceeded("answers-waiting", MAX_ANSWERS, MAX_ANSWERS + 1L, TOO_MANY_RETRY_AFTER);
    }

    /** At the end of the line, unless it stands there or has nothing to write. */
    void add(Subscription subscription) {
        if (subscription.queued || !subscription.hasMore()) {
            return;
        }
        subscription.queued = true;
        if (last == null) {
            first = subscription;
        } else {
            last.nextInLine = subscription;
        }
        last = subscription;
    }

    void remove(Subscription subscription) {
        if (!subscription.queued) {
            return;
        }
        Subscription before = null;
        for (Subscription one = first; one != null && one != subscription; one = one.nextInLine) {
            before = one;
        }
        unlink(before, subscription);
    }

    private void unlink(@Nullable Subscription before, Subscription gone) {
        if (before == null) {
            first = gone.nextInLine;
        } else {
            before.nextInLine = gone.nextInLine;
        }
        if (last == gone) {
            last = before;
        }
        gone.nextInLine = null;
        gone.queued = false;
    }

    /** A heartbeat goes out before any further data. */
    void heartbeatDue() {
        heartbeatDue = true;
    }

    boolean isEmpty() {
        return !heartbeatDue && first == null && answers == null;
    }

    void clear() {
        first = null;
        last = null;
        answers = null;
        heartbeatDue = false;
    }

    /**
     * Writes while there is something, the stream is open and the transport takes it.
     *
     * @return false when this is done already, further up the stack
     */
    boolean drain(WatchStream stream) {
        if (draining) {
            return false;
        }
        draining = true;
        try {
            // Whether there is anything is asked first: it costs less than to ask the transport.
            while (!isEmpty() && stream.state() == StreamState.OPEN && outlet.ready()) {
                writeNext(stream);
            }
            return true;
        } finally {
            draining = false;
        }
    }

    /** Lets what comes first write one message. A subscription may find that it has nothing to say. */
    private void writeNext(WatchStream stream) {
        boolean welcomed = answers == null || !(answers.peekFirst() instanceof Frame.Welcome);
        if (heartbeatDue && welcomed) {
            heartbeatDue = false;
            outlet.write(StreamPulse.next(stream));
        } else if (answers != null) {
            outlet.write(nextAnswer(answers));
        } else if (first != null) {
            Subscription next = first;
            unlink(null, next);
            next.step();
            add(next);
        }
    }

    private Frame nextAnswer(ArrayDeque<Frame> from) {
        Frame answer = from.removeFirst();
        if (from.isEmpty()) {
            answers = null;
        }
        return answer;
    }
}
