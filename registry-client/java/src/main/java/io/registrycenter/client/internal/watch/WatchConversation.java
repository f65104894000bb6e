package io.registrycenter.client.internal.watch;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Conversation;
import io.registrycenter.client.internal.link.Stream;
import io.registrycenter.client.internal.wire.StreamEnd;
import io.registrycenter.client.internal.wire.WireDelta;
import io.registrycenter.client.internal.wire.WireSnapshot;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Drain;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchHeartbeat;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchWelcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grammar of one watch stream: which number stands for which subscription, who has had its first answer, what a frame
 * means, and when to acknowledge. Confined to the serial executor.
 */
final class WatchConversation implements Conversation<WatchResponse> {

    private static final Logger log = LoggerFactory.getLogger(WatchConversation.class);

    /** One subscription on this stream. */
    private static final class Seat {
        final Subscription subscription;
        /** Whether it began with a cursor and has needed no snapshot. */
        boolean resumed;
        /** Its first answer is complete. */
        boolean answered;

        final SnapshotParts parts = new SnapshotParts();

        Seat(Subscription subscription, boolean resumed) {
            this.subscription = subscription;
            this.resumed = resumed;
        }
    }

    private final WatchProtocol protocol;
    private final Stream<WatchRequest> stream;
    private final Map<Long, Seat> seats = new HashMap<>();
    /** How many subscriptions the server takes here; 0: it did not say. */
    private int limit;

    private boolean live;

    WatchConversation(WatchProtocol protocol, Stream<WatchRequest> stream) {
        this.protocol = protocol;
        this.stream = stream;
    }

    void subscribe(Subscription subscription) {
        subscribe(subscription, subscription.replica().cursor());
    }

    private void subscribe(Subscription subscription, @Nullable Cursor cursor) {
        long id = protocol.nextId();
        seats.put(id, new Seat(subscription, cursor != null));
        stream.send(WatchFrames.subscribe(id, subscription.interest(), cursor));
    }

    void unsubscribe(Subscription subscription) {
        Long id = idOf(subscription);
        if (id != null) {
            seats.remove(id);
            stream.send(WatchFrames.unsubscribe(id));
            liveWhenAnswered();
        }
    }

    boolean follows(Subscription subscription) {
        Long id = idOf(subscription);
        Seat seat = id == null ? null : seats.get(id);
        return seat != null && seat.answered;
    }

    private @Nullable Long idOf(Subscription subscription) {
        for (Map.Entry<Long, Seat> entry : seats.entrySet()) {
            if (entry.getValue().subscription == subscription) {
                return entry.getKey();
            }
        }
        return null;
    }

    @Override
    public void frame(WatchResponse response) {
        Seat seat = seats.get(response.getSubscriptionId());
        boolean handled = false;
        try {
            handle(response);
            handled = true;
        } finally {
            if (!handled && seat != null) {
                seat.subscription.rollBack();
            }
        }
    }

    private void handle(WatchResponse response) {
        long id = response.getSubscriptionId();
        switch (response.getFrameCase()) {
            case WELCOME -> welcome(response.getWelcome());
            case DRAIN -> drain(response.getDrain());
            case HEARTBEAT -> heartbeat(id, response.getHeartbeat());
            case SNAPSHOT -> snapshot(id, response.getSnapshot());
            case SUBSCRIPTION_ENDED -> subscriptionEnded(id, response.getSubscriptionEnded());
            // No frame: deltas. A frame this client does not know has none, and proves life only.
            default -> deltas(id, response.getDeltasList());
        }
        liveWhenAnswered();
    }

    /** Subscribes one of them again, from where its copy stands: no other frame makes the server answer at once. */
    @Override
    public void prove() {
        for (Map.Entry<Long, Seat> entry : seats.entrySet()) {
            if (entry.getValue().answered) {
                subscribeAgain(
                        entry.getKey(),
                        entry.getValue().subscription,
                        entry.getValue().subscription.replica().cursor());
                return;
            }
        }
    }

    private void welcome(WatchWelcome welcome) {
        stream.named(welcome.getNode(), welcome.getStreamId());
        limit = welcome.getLimits().getSubscriptionsPerStream();
        protocol.welcomed(welcome);
    }

    private void drain(Drain drain) {
        stream.drain(Words.cause(drain.getCause()), Duration.ofMillis(drain.getReconnectAfterMs()));
    }

    private void deltas(long id, List<Delta> messages) {
        Seat seat = seats.get(id);
        if (seat == null || messages.isEmpty()) {
            return;
        }
        List<WireDelta> deltas = new ArrayList<>(messages.size());
        for (Delta message : messages) {
            deltas.add(Words.delta(message));
        }
        settle(id, seat, seat.subscription.replica().apply(deltas));
    }

    private void snapshot(long id, Snapshot message) {
        Seat seat = seats.get(id);
        if (seat == null) {
            return;
        }
        seat.resumed = false;
        WireSnapshot part = Words.snapshot(message);
        if (!seat.parts.add(part)) {
            resync(id, seat.subscription);
        } else if (part.last()) {
            Replica replica = seat.subscription.replica();
            long now = protocol.serial().nanoTime();
            settle(id, seat, replica.apply(part.reason(), part.cursor(), seat.parts.take(), now));
        }
    }

    /** Shows what was applied, also before a gap, and does what the verdict asks for. */
    private void settle(long id, Seat seat, Step step) {
        seat.subscription.show(step);
        switch (step.verdict()) {
            case APPLIED -> answered(seat);
            case GAP -> resync(id, seat.subscription);
            case SERVER_BEHIND ->
                stream.end(StreamEnd.of(
                        CloseCause.SERVER_BEHIND,
                        "a snapshot of " + seat.subscription.interest() + " is older than what was applied"));
        }
    }

    private void answered(Seat seat) {
        if (!seat.answered) {
            seat.answered = true;
            seat.subscription.fresh();
        }
    }

    /** Starts again with a snapshot; the view stays until it is there. */
    private void resync(long id, Subscription subscription) {
        Interest interest = subscription.interest();
        log.info(
                "Changes of {} do not chain at {}: resync",
                interest,
                subscription.replica().cursor());
        subscription.countResync();
        subscription.stale(protocol.serial().nanoTime());
        subscribeAgain(id, subscription, null);
    }

    /** What is still on its way to the old number comes again. */
    private void subscribeAgain(long id, Subscription subscription, @Nullable Cursor cursor) {
        seats.remove(id);
        stream.send(WatchFrames.unsubscribe(id));
        subscribe(subscription, cursor);
    }

    private void heartbeat(long id, WatchHeartbeat heartbeat) {
        Cursor proven = Words.cursor(heartbeat.getCursor());
        if (id == 0) {
            for (Seat seat : seats.values()) {
                if (seat.answered) {
                    prove(seat, proven);
                }
            }
        } else {
            Seat seat = seats.get(id);
            if (seat != null && prove(seat, proven)) {
                answered(seat);
            } else if (seat != null) {
                // "Nothing missed" of a history this copy is not from.
                resync(id, seat.subscription);
            }
        }
        if (heartbeat.getSeq() != 0) {
            stream.send(WatchFrames.ack(heartbeat.getSeq(), lowestApplied()));
        }
    }

    private static boolean prove(Seat seat, Cursor proven) {
        boolean moved = seat.subscription.replica().heartbeat(proven);
        if (moved) {
            seat.subscription.show(Step.without(Step.Verdict.APPLIED));
        }
        return moved;
    }

    /** The lowest cursor of all subscriptions here that have one. */
    private @Nullable Cursor lowestApplied() {
        Cursor lowest = null;
        for (Seat seat : seats.values()) {
            Cursor cursor = seat.subscription.replica().cursor();
            if (cursor != null && (lowest == null || cursor.revision() < lowest.revision())) {
                lowest = cursor;
            }
        }
        return lowest;
    }

    private void subscriptionEnded(long id, SubscriptionEnded ended) {
        boolean tooMany = limit > 0 && seats.size() > limit;
        Seat seat = seats.remove(id);
        if (seat == null) {
            return;
        }
        Subscription subscription = seat.subscription;
        CloseCause cause = Words.cause(ended.getCause());
        Duration retryAfter = Duration.ofMillis(ended.getRetryAfterMs());
        log.info("Watch of {} ended by the server: {} {}", subscription.interest(), cause, ended.getMessage());
        subscription.stale(protocol.serial().nanoTime());
        subscription.countFreshTime();
        boolean size = cause == CloseCause.LIMIT_EXCEEDED && retryAfter.isZero();
        if (cause.advice() == CloseCause.Advice.STOP || size) {
            subscription.refuse(refusal(cause, ended.getMessage()));
            protocol.refused(subscription);
        } else if (cause == CloseCause.LIMIT_EXCEEDED && tooMany) {
            protocol.tooMany(subscription);
        } else if (cause == CloseCause.SERVER_BEHIND && protocol.severalTargets()) {
            stream.end(
                    retryAfter.isZero()
                            ? StreamEnd.of(cause, ended.getMessage())
                            : StreamEnd.after(cause, retryAfter, ended.getMessage()));
        } else if (retryAfter.isZero()) {
            protocol.again(subscription, subscription.backoff.next(Backoff.MAX));
        } else {
            protocol.again(subscription, subscription.backoff.hinted(retryAfter));
        }
    }

    private static RegistryException refusal(CloseCause cause, String message) {
        return switch (cause) {
            case INVALID_REQUEST -> RegistryException.invalidInput(message, "interest", "", message);
            case LIMIT_EXCEEDED ->
                RegistryException.of(RegistryException.Kind.LIMIT_EXCEEDED, cause, message, Map.of(), null);
            default -> RegistryException.of(RegistryException.Kind.DENIED, cause, message, Map.of(), null);
        };
    }

    private void liveWhenAnswered() {
        if (live || seats.isEmpty()) {
            return;
        }
        boolean resumed = true;
        for (Seat seat : seats.values()) {
            if (!seat.answered) {
                return;
            }
            resumed &= seat.resumed;
        }
        live = true;
        stream.live(resumed, lowestApplied());
    }

    @Override
    public void closed(StreamEnd end, long lastFrameNanos) {
        protocol.over(this, lastFrameNanos);
        seats.clear();
    }
}
