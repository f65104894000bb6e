package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one keeper has to tell the registry: one intent at hand, which is sent until it is answered, and the newest wish
 * behind it.
 *
 * <pre>
 *              wish           take             settled, nothing waits
 *   NOTHING ---------> DUE ----------> FLYING ------------------------> NOTHING
 *                       ^                |  settled, a wish waits: DUE
 *                       |   time is up   v
 *                       +----------- RETRYING
 * </pre>
 *
 * <p>Knows nothing of what the answers mean. Confined to the serial executor.
 */
final class Outbox {

    /** Where the intent at hand stands. */
    private enum Sending {
        NOTHING,
        /** Waits for its turn, and for an active session. */
        DUE,
        FLYING,
        /** Waits for the time of its next try. */
        RETRYING
    }

    private final Serial serial;
    private final Callbacks callbacks;
    private final Backoff backoff;
    /** Asks for a turn. */
    private final Runnable due;

    private Sending sending = Sending.NOTHING;
    private @Nullable Intent atHand;
    private @Nullable Intent waiting;
    private Serial.@Nullable Timer retry;

    Outbox(Serial serial, Callbacks callbacks, DoubleSupplier random, Runnable due) {
        this.serial = serial;
        this.callbacks = callbacks;
        this.backoff = new Backoff(random);
        this.due = due;
    }

    /** Whether the registry may know of the intent at hand already. */
    boolean mayHaveArrived() {
        return atHand != null;
    }

    /** Empty: there is none. */
    String requestAtHand() {
        return atHand == null ? "" : atHand.requestId();
    }

    boolean isAtHand(Intent.Kind kind) {
        return atHand != null && atHand.kind() == kind;
    }

    boolean flying() {
        return sending == Sending.FLYING;
    }

    /** The wish that was not sent yet. */
    @Nullable
    Intent waiting() {
        return waiting;
    }

    /** The newest wish; takes the place of one that waits. */
    void wish(Intent intent) {
        serial.check();
        waiting = intent;
        if (sending == Sending.NOTHING) {
            sending = Sending.DUE;
            due.run();
        }
    }

    /**
     * It is this keeper's turn: what to send.
     *
     * @param resolve makes the call of a wish that is sent for the first time
     */
    Intent take(UnaryOperator<Intent> resolve) {
        serial.check();
        Intent next = atHand;
        if (next == null && waiting != null) {
            next = resolve.apply(waiting);
            waiting = null;
            atHand = next;
        }
        if (next == null || sending != Sending.DUE) {
            throw new IllegalStateException("nothing to send: " + sending);
        }
        sending = Sending.FLYING;
        return next;
    }

    /** Not any more when a new session, or the user, has overtaken the call. */
    boolean isAtHand(Intent intent) {
        return atHand != null && atHand.requestId().equals(intent.requestId());
    }

    /** The intent at hand was taken by the registry. */
    void accepted() {
        backoff.reset();
        settled();
    }

    /** The intent at hand was answered, one way or the other. */
    void settled() {
        serial.check();
        stop();
    }

    /** Nothing is at hand: the wish that waits is next. */
    void next() {
        serial.check();
        Intent wish = waiting;
        if (wish != null) {
            wish(wish);
        }
    }

    /** The same again after a while; the server's hint wins over the backoff. */
    void again(RegistryException failure) {
        sending = Sending.RETRYING;
        retry = serial.schedule(
                failure.retryAfter() == null ? backoff.next(Backoff.MAX) : backoff.hinted(failure.retryAfter()), () -> {
                    retry = null;
                    sending = Sending.DUE;
                    due.run();
                });
    }

    /** Forgets everything; those who wait for any of it are the caller's now. */
    List<CompletableFuture<Cursor>> takeStages() {
        List<CompletableFuture<Cursor>> stages = new ArrayList<>();
        if (atHand != null) {
            stages.addAll(atHand.waiting());
        }
        if (waiting != null) {
            stages.addAll(waiting.waiting());
        }
        waiting = null;
        stop();
        return stages;
    }

    /** Those who wait for any of it are told; the intent at hand stays, the wish behind it is forgotten. */
    void failStages(RegistryException reason) {
        if (atHand != null) {
            atHand.fail(callbacks, reason);
        }
        failWaiting(reason);
    }

    void failAtHand(RegistryException reason) {
        Intent intent = atHand;
        stop();
        if (intent != null) {
            intent.fail(callbacks, reason);
        }
    }

    void failWaiting(RegistryException reason) {
        Intent intent = waiting;
        waiting = null;
        if (intent != null) {
            intent.fail(callbacks, reason);
        }
    }

    private void stop() {
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
        atHand = null;
        sending = Sending.NOTHING;
    }
}
