package io.registrycenter.client.internal.session;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Serial;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one instance as the user wants it: one call at a time, repeated until it is answered, the newest wish next.
 *
 * <pre>
 *              acknowledged                close
 *   PENDING -----------------> REGISTERED -------> DEREGISTERING ---> CLOSED
 *      ^                           |                     ^
 *      +------ session expired ----+                     |
 *      +------------------------------ close ------------+
 *   any of the first three ---> LOST (taken away, never again by itself)
 *   PENDING, REGISTERED    ---> REFUSED (refused for good)
 * </pre>
 *
 * <p>Confined to the serial executor; {@link #state} and {@link #desired} may be read by any thread.
 */
final class Keeper {

    private static final Logger log = LoggerFactory.getLogger(Keeper.class);
    private static final int MAX_WAITING = 1024;

    /** Where the intent at hand stands. */
    private enum Sending {
        NOTHING,
        /** Waits for its turn, and for an active session. */
        DUE,
        FLYING,
        /** Waits for the time of its next try. */
        RETRYING
    }

    private final Keepers keepers;
    private final InstanceKey key;
    private final Serial serial;
    private final Callbacks callbacks;
    private final Supplier<String> tokens;
    private final Backoff backoff;
    private final LostNews lostNews;
    private final CompletableFuture<Boolean> out = new CompletableFuture<>();
    private final CompletableFuture<Cursor> registered = new CompletableFuture<>();

    private volatile Instance desired;
    private volatile RegistrationState state = RegistrationState.PENDING;
    /** What the registry accepted last. */
    private @Nullable Instance accepted;

    private Sending sending = Sending.NOTHING;
    private @Nullable Intent atHand;
    private @Nullable Intent waiting;
    private Serial.@Nullable Timer retry;

    Keeper(
            Keepers keepers,
            InstanceKey key,
            Instance desired,
            Serial serial,
            Callbacks callbacks,
            Supplier<String> tokens,
            DoubleSupplier random) {
        this.keepers = keepers;
        this.key = key;
        this.desired = desired;
        this.serial = serial;
        this.callbacks = callbacks;
        this.tokens = tokens;
        this.backoff = new Backoff(random);
        this.lostNews = new LostNews(callbacks);
    }

    InstanceKey key() {
        return key;
    }

    RegistrationState state() {
        return state;
    }

    Instance desired() {
        return desired;
    }

    CompletableFuture<Cursor> registered() {
        return registered;
    }

    /** Completes on the serial executor when nothing is left to do. */
    CompletableFuture<Boolean> out() {
        return out;
    }

    LostNews lostNews() {
        return lostNews;
    }

    // --- the user's wishes

    void start() {
        serial.check();
        wish(new Intent(Intent.Kind.PUT, tokens.get(), desired, List.of(registered)));
    }

    void change(UnaryOperator<Instance> how, CompletableFuture<Cursor> stage) {
        serial.check();
        if (state != RegistrationState.PENDING && state != RegistrationState.REGISTERED) {
            callbacks.fail(stage, gone());
            return;
        }
        Intent earlier = waiting;
        if (earlier != null && earlier.waiting().size() >= MAX_WAITING) {
            callbacks.fail(
                    stage,
                    RegistryException.of(
                            Kind.LIMIT_EXCEEDED,
                            CloseCause.LIMIT_EXCEEDED,
                            MAX_WAITING + " changes of " + key + " wait for the registry already",
                            Map.of("limit", "waiting-changes", "allowed", Integer.toString(MAX_WAITING)),
                            null));
            return;
        }
        Instance payload = how.apply(desired);
        desired = payload;
        List<CompletableFuture<Cursor>> stages = List.of(stage);
        wish(
                earlier == null
                        ? new Intent(Intent.Kind.PUT, tokens.get(), payload, stages)
                        : earlier.with(Intent.Kind.PUT, tokens.get(), payload, stages));
    }

    void remove() {
        serial.check();
        if (state != RegistrationState.PENDING && state != RegistrationState.REGISTERED) {
            if (state != RegistrationState.DEREGISTERING) {
                out.complete(true);
            }
            return;
        }
        RegistryException closed = RegistryException.closed("the registration of " + key + " was closed");
        boolean mayBeThere =
                state == RegistrationState.REGISTERED || sending == Sending.FLYING || sending == Sending.RETRYING;
        if (!mayBeThere || !keepers.hasSession()) {
            finish(RegistrationState.CLOSED, closed);
            return;
        }
        failWaiting(closed);
        move(RegistrationState.DEREGISTERING);
        if (sending != Sending.FLYING) {
            // A wish that was not sent, or that would be sent again, has no use any more.
            failAtHand(closed);
        }
        wish(new Intent(Intent.Kind.REMOVE, tokens.get(), desired, List.of()));
    }

    /** The client is closing: its goodbye takes the instance out. */
    void abandon(RegistryException reason) {
        finish(RegistrationState.CLOSED, reason);
    }

    private void wish(Intent intent) {
        waiting = intent;
        if (sending == Sending.NOTHING) {
            sending = Sending.DUE;
            keepers.due(this);
        }
    }

    // --- one call at a time

    /** It is this keeper's turn: what to send. Called when due. */
    Intent take() {
        serial.check();
        Intent next = atHand;
        if (next == null && waiting != null) {
            next = resolve(waiting);
            waiting = null;
            atHand = next;
        }
        if (next == null || sending != Sending.DUE) {
            throw new IllegalStateException(key + " has nothing to send: " + sending);
        }
        sending = Sending.FLYING;
        return next;
    }

    /** A wish that changes nothing but the status is sent as that. */
    private Intent resolve(Intent wish) {
        Instance before = accepted;
        boolean statusAlone = wish.kind() == Intent.Kind.PUT
                && state == RegistrationState.REGISTERED
                && before != null
                && wish.payload().status() != before.status()
                && wish.payload().withStatus(before.status()).sameAs(before);
        return statusAlone ? wish.with(Intent.Kind.STATUS, wish.requestId(), wish.payload(), List.of()) : wish;
    }

    void acknowledged(Intent intent, Cursor cursor) {
        serial.check();
        if (!isAtHand(intent)) {
            return;
        }
        if (intent.kind() == Intent.Kind.REMOVE) {
            finish(RegistrationState.CLOSED, RegistryException.closed("the registration of " + key + " was closed"));
            return;
        }
        backoff.wasLiveFor(Backoff.MAX.multipliedBy(2));
        accepted = intent.payload();
        if (state == RegistrationState.PENDING) {
            move(RegistrationState.REGISTERED);
        }
        intent.acknowledge(callbacks, cursor);
        next();
    }

    void failed(Intent intent, RegistryException failure) {
        serial.check();
        if (!isAtHand(intent)) {
            return;
        }
        boolean sizes = failure.kind() == Kind.LIMIT_EXCEEDED && failure.retryAfter() == null;
        if (failure.kind() == Kind.NOT_HOLDER) {
            lost(LostReason.NOT_HOLDER);
        } else if (failure.kind() == Kind.INVALID_INPUT || failure.kind() == Kind.DENIED || sizes) {
            refused(intent, failure);
        } else if (state == RegistrationState.DEREGISTERING && intent.kind() != Intent.Kind.REMOVE) {
            // The removal that waits settles what became of this one.
            intent.fail(callbacks, failure);
            next();
        } else {
            tryAgain(failure);
        }
    }

    /** Not any more when a new session, or the user, has overtaken the call. */
    private boolean isAtHand(Intent intent) {
        return atHand != null && atHand.requestId().equals(intent.requestId());
    }

    private void tryAgain(RegistryException failure) {
        log.info("{} is not settled yet ({}), tried again", key, failure.getMessage());
        sending = Sending.RETRYING;
        retry = serial.schedule(
                failure.retryAfter() == null ? backoff.next(Backoff.MAX) : backoff.hinted(failure.retryAfter()), () -> {
                    retry = null;
                    sending = Sending.DUE;
                    keepers.due(this);
                });
    }

    private void refused(Intent intent, RegistryException reason) {
        log.warn("The registry refuses {}: {}", key, reason.getMessage());
        Instance good = accepted;
        if (state == RegistrationState.DEREGISTERING) {
            finish(RegistrationState.CLOSED, reason);
        } else if (good == null
                || (state == RegistrationState.PENDING && intent.payload().sameAs(good))) {
            finish(RegistrationState.REFUSED, reason);
        } else {
            // What was accepted before stays, or is registered again in place of what was refused.
            intent.fail(callbacks, reason);
            if (waiting == null) {
                desired = good;
            }
            if (waiting == null && state == RegistrationState.PENDING) {
                waiting = new Intent(Intent.Kind.PUT, tokens.get(), good, List.of());
            }
            next();
        }
    }

    private void next() {
        atHand = null;
        sending = Sending.NOTHING;
        Intent wish = waiting;
        if (wish != null) {
            wish(wish);
        }
    }

    // --- what happens to the session

    /** The session is gone, and the instance with it. */
    void sessionGone() {
        serial.check();
        if (state == RegistrationState.DEREGISTERING) {
            finish(RegistrationState.CLOSED, RegistryException.closed("the registration of " + key + " was closed"));
        } else if (state == RegistrationState.REGISTERED) {
            move(RegistrationState.PENDING);
        }
    }

    /** There is a new session: what the user wants is registered with it, whatever stood at hand. */
    void registerAgain() {
        sessionGone();
        if (state != RegistrationState.PENDING) {
            return;
        }
        Intent earlier = atHand;
        Intent later = waiting;
        Intent fresh = new Intent(Intent.Kind.PUT, tokens.get(), desired, List.of());
        if (earlier != null) {
            fresh = fresh.with(Intent.Kind.PUT, fresh.requestId(), desired, earlier.waiting());
        }
        if (later != null) {
            fresh = fresh.with(Intent.Kind.PUT, fresh.requestId(), desired, later.waiting());
        }
        stopTrying();
        wish(fresh);
    }

    /** Taken away for good. */
    void lost(LostReason reason) {
        serial.check();
        if (state == RegistrationState.DEREGISTERING) {
            finish(RegistrationState.CLOSED, RegistryException.closed("the registration of " + key + " was closed"));
        } else if (state == RegistrationState.PENDING || state == RegistrationState.REGISTERED) {
            log.warn("{} is not this client's any more: {}", key, reason);
            finish(
                    RegistrationState.LOST,
                    RegistryException.of(
                            reason == LostReason.FENCED ? Kind.FENCED : Kind.NOT_HOLDER,
                            CloseCause.FENCED,
                            key + " is not this client's any more: " + reason,
                            Map.of(),
                            null));
            lostNews.tell(reason);
        }
    }

    private RegistryException gone() {
        return RegistryException.closed("the registration of " + key + " is " + state);
    }

    private void finish(RegistrationState last, RegistryException reason) {
        serial.check();
        move(last);
        failAtHand(reason);
        failWaiting(reason);
        keepers.forget(this);
        out.complete(true);
    }

    private void failAtHand(RegistryException reason) {
        Intent intent = atHand;
        stopTrying();
        if (intent != null) {
            intent.fail(callbacks, reason);
        }
    }

    private void failWaiting(RegistryException reason) {
        Intent intent = waiting;
        waiting = null;
        if (intent != null) {
            intent.fail(callbacks, reason);
        }
    }

    private void stopTrying() {
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
        atHand = null;
        sending = Sending.NOTHING;
    }

    /** The one way from state to state: nothing leaves an end but to be closed. */
    private void move(RegistrationState to) {
        boolean over = state == RegistrationState.CLOSED
                || ((state == RegistrationState.LOST || state == RegistrationState.REFUSED)
                        && to != RegistrationState.CLOSED);
        if (over) {
            throw new IllegalStateException(key + " is " + state + " and cannot become " + to);
        }
        state = to;
    }
}
