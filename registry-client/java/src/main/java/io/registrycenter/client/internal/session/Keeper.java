package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Serial;
import java.util.List;
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

    private final Keepers keepers;
    private final InstanceKey key;
    private final Serial serial;
    private final Callbacks callbacks;
    private final Supplier<String> tokens;
    private final LostNews lostNews;
    private final Outbox outbox;
    private final CompletableFuture<Boolean> out = new CompletableFuture<>();
    private final CompletableFuture<Cursor> registered = new CompletableFuture<>();

    private volatile Instance desired;
    private volatile RegistrationState state = RegistrationState.PENDING;
    /** What the registry accepted last. */
    private @Nullable Instance accepted;

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
        this.lostNews = new LostNews(callbacks, key);
        this.outbox = new Outbox(serial, callbacks, random, () -> keepers.due(this));
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
        outbox.wish(new Intent(Intent.Kind.PUT, tokens.get(), desired, List.of(registered)));
    }

    void change(UnaryOperator<Instance> how, CompletableFuture<Cursor> stage) {
        serial.check();
        if (state != RegistrationState.PENDING && state != RegistrationState.REGISTERED) {
            callbacks.fail(stage, Refusals.over(key, state));
            return;
        }
        Intent earlier = outbox.waiting();
        if (earlier != null && earlier.waiting().size() >= MAX_WAITING) {
            callbacks.fail(stage, Refusals.tooManyChanges(key, MAX_WAITING));
            return;
        }
        Instance payload = how.apply(desired);
        desired = payload;
        List<CompletableFuture<Cursor>> stages = List.of(stage);
        outbox.wish(
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
        RegistryException closed = Refusals.closed(key);
        boolean mayBeThere = state == RegistrationState.REGISTERED || outbox.mayHaveArrived();
        if (!mayBeThere || !keepers.hasSession()) {
            finish(RegistrationState.CLOSED, closed);
            return;
        }
        outbox.failWaiting(closed);
        move(RegistrationState.DEREGISTERING);
        if (!outbox.flying()) {
            // A wish that was not sent, or that would be sent again, has no use any more.
            outbox.failAtHand(closed);
        }
        outbox.wish(new Intent(Intent.Kind.REMOVE, tokens.get(), desired, List.of()));
    }

    /** The client is closing: its goodbye takes the instance out. */
    void abandon(RegistryException reason) {
        finish(RegistrationState.CLOSED, reason);
    }

    // --- one call at a time

    /** It is this keeper's turn: what to send. Called when due. */
    Intent take() {
        return outbox.take(this::resolve);
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
        if (!outbox.isAtHand(intent)) {
            return;
        }
        if (intent.kind() == Intent.Kind.REMOVE) {
            finish(RegistrationState.CLOSED, Refusals.closed(key));
            return;
        }
        outbox.accepted();
        accepted = intent.payload();
        if (state == RegistrationState.PENDING) {
            move(RegistrationState.REGISTERED);
        }
        intent.acknowledge(callbacks, cursor);
        outbox.next();
    }

    void failed(Intent intent, RegistryException failure) {
        serial.check();
        if (!outbox.isAtHand(intent)) {
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
            outbox.next();
        } else {
            log.info("{} is not settled yet ({}), tried again", key, failure.getMessage());
            outbox.again(failure);
        }
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
            if (outbox.waiting() == null) {
                desired = good;
                if (state == RegistrationState.PENDING) {
                    outbox.wish(new Intent(Intent.Kind.PUT, tokens.get(), good, List.of()));
                }
            }
            outbox.next();
        }
    }

    // --- what happens to the session

    /** The session is gone, and the instance with it. */
    void sessionGone() {
        serial.check();
        if (state == RegistrationState.DEREGISTERING) {
            finish(RegistrationState.CLOSED, Refusals.closed(key));
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
        outbox.wish(new Intent(Intent.Kind.PUT, tokens.get(), desired, outbox.takeStages()));
    }

    /** The registry may have forgotten the instance: registered once more, which changes nothing where it has not. */
    void confirm() {
        serial.check();
        if (state == RegistrationState.REGISTERED) {
            // So that it is sent whole: the status alone would be refused where the instance is not.
            accepted = null;
            if (outbox.waiting() == null) {
                outbox.wish(new Intent(Intent.Kind.PUT, tokens.get(), desired, List.of()));
            }
        }
    }

    /** Taken away for good. */
    void lost(LostReason reason) {
        serial.check();
        if (state == RegistrationState.DEREGISTERING) {
            finish(RegistrationState.CLOSED, Refusals.closed(key));
        } else if (state == RegistrationState.PENDING || state == RegistrationState.REGISTERED) {
            log.warn("{} is not this client's any more: {}", key, reason);
            finish(RegistrationState.LOST, Refusals.lost(key, reason));
            lostNews.tell(reason);
        }
    }

    private void finish(RegistrationState last, RegistryException reason) {
        serial.check();
        move(last);
        outbox.failAtHand(reason);
        outbox.failWaiting(reason);
        keepers.forget(this);
        out.complete(true);
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
