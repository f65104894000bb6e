package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
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
 *   any of the first two   ---> LOST (taken away, never again by itself)
 *   PENDING, REGISTERED    ---> REFUSED (refused for good)
 * </pre>
 *
 * <p>There is one keeper for an id at a time. A newer one takes over what a former one has at hand: what may have been sent is
 * settled first, what was not is forgotten. One that has lost its instance while a call was on its way goes on until that
 * is answered, and takes the instance out if the call has registered it once more.
 *
 * <p>Confined to the serial executor; {@link #state} and {@link #desired} may be read by any thread.
 */
final class Keeper {

    private static final Logger log = LoggerFactory.getLogger(Keeper.class);

    private final Keepers keepers;
    private final InstanceKey key;
    private final Serial serial;
    private final Callbacks callbacks;
    private final LostNews lostNews;
    private final CompletableFuture<Boolean> out = new CompletableFuture<>();
    private final CompletableFuture<Cursor> registered = new CompletableFuture<>();

    private Exchange exchange;

    private volatile Instance desired;
    private volatile RegistrationState state = RegistrationState.PENDING;

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
        this.lostNews = new LostNews(callbacks, key);
        this.exchange =
                new Exchange(this, callbacks, tokens, new Outbox(serial, callbacks, random, () -> keepers.due(key)));
    }

    /** Its calls and what their answers say. */
    Exchange exchange() {
        return exchange;
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

    /**
     * Registers.
     *
     * @param former of the same id, with calls that are not settled; null: there is none
     */
    void start(@Nullable Keeper former) {
        serial.check();
        if (former != null) {
            exchange = former.handOver(this);
        }
        exchange.put(desired, List.of(registered));
    }

    /** A newer keeper has the id from now on, and what is under way. */
    private Exchange handOver(Keeper successor) {
        exchange.passTo(successor);
        if (!over()) {
            move(RegistrationState.CLOSED);
        }
        out.complete(true);
        return exchange;
    }

    /** The user may register the id anew from here on. Any thread. */
    void release() {
        keepers.release(this);
    }

    void change(UnaryOperator<Instance> how, CompletableFuture<Cursor> stage) {
        serial.check();
        if (!wanted()) {
            callbacks.fail(stage, Refusals.over(key, state));
            return;
        }
        if (exchange.isFull()) {
            callbacks.fail(stage, Refusals.tooManyChanges(key, Exchange.MAX_WAITING));
            return;
        }
        desired = how.apply(desired);
        exchange.put(desired, List.of(stage));
    }

    void remove() {
        serial.check();
        if (!wanted()) {
            if (state != RegistrationState.DEREGISTERING) {
                out.complete(true);
            }
            return;
        }
        RegistryException closed = Refusals.closed(key);
        if (!keepers.hasSession() || !exchange.mayHaveArrived()) {
            finish(RegistrationState.CLOSED, closed);
        } else {
            move(RegistrationState.DEREGISTERING);
            exchange.remove(closed);
        }
    }

    /** The client is closing: its goodbye takes the instance out. */
    void abandon(RegistryException reason) {
        if (over()) {
            exchange.stop(reason);
            keepers.forget(this);
        } else {
            finish(RegistrationState.CLOSED, reason);
        }
    }

    /** Whether the user wants the instance to be registered. */
    boolean wanted() {
        return state == RegistrationState.PENDING || state == RegistrationState.REGISTERED;
    }

    private boolean over() {
        return !wanted() && state != RegistrationState.DEREGISTERING;
    }

    // --- what the answers come to

    /** An answer to a call of this keeper says that the registry has what was asked. */
    void accepted() {
        if (state != RegistrationState.PENDING) {
            return;
        }
        move(RegistrationState.REGISTERED);
        LostReason lostAlready = exchange.standing().lostAlready();
        if (lostAlready != null) {
            lose(lostAlready);
        }
    }

    /** The registry has no instance of this client's under the id. */
    void heldNoMore() {
        lose(LostReason.NOT_HOLDER);
    }

    /** A call of this keeper will never be carried out. */
    void refused(Instance payload, RegistryException reason) {
        log.warn("The registry refuses {}: {}", key, reason.getMessage());
        Instance good = exchange.standing().accepted();
        if (good == null || (state == RegistrationState.PENDING && payload.sameAs(good))) {
            leave(RegistrationState.REFUSED, reason);
            return;
        }
        // What was accepted before stays, or is registered again in place of what was refused.
        if (exchange.nothingWaits()) {
            desired = good;
            if (state == RegistrationState.PENDING) {
                exchange.put(good, List.of());
            }
        }
    }

    // --- what happens to the session

    /**
     * The session is gone, and the instance with it; or there is a new one. What the user wants is registered with the next
     * session, whatever stood at hand.
     */
    void sessionGone() {
        serial.check();
        exchange.standing().sessionGone();
        if (!wanted()) {
            abandon(Refusals.closed(key));
            return;
        }
        if (state == RegistrationState.REGISTERED) {
            move(RegistrationState.PENDING);
        }
        exchange.putAnew(desired);
    }

    /** The registry may have forgotten the instance: registered once more, which changes nothing where it has not. */
    void confirm() {
        serial.check();
        // So that it is sent whole: the status alone would be refused where the instance is not.
        exchange.standing().otherHistory();
        if (state == RegistrationState.REGISTERED && exchange.nothingWaits()) {
            exchange.put(desired, List.of());
        }
    }

    /** The registry says that the registration with this created revision was taken away; 0: it does not say which. */
    void lost(LostReason reason, long createdRevision) {
        serial.check();
        if (state == RegistrationState.PENDING && createdRevision != 0) {
            exchange.standing().keep(reason, createdRevision);
        } else if (wanted() && exchange.standing().concerns(createdRevision)) {
            lose(reason);
        }
    }

    /** Another holder has the session, with all that it holds. */
    void fenced() {
        serial.check();
        exchange.standing().sessionGone();
        exchange.stop(Refusals.lost(key, LostReason.FENCED));
        if (wanted()) {
            lose(LostReason.FENCED);
        } else {
            abandon(Refusals.closed(key));
        }
    }

    /** Taken away for good. */
    private void lose(LostReason reason) {
        log.warn("{} is not this client's any more: {}", key, reason);
        exchange.standing().holdsNothing();
        leave(RegistrationState.LOST, Refusals.lost(key, reason));
        lostNews.tell(reason);
    }

    /** An end the user did not ask for. What the registry may have, or get, of what nobody wants any more is taken out. */
    private void leave(RegistrationState last, RegistryException why) {
        if (!exchange.mayRegister()) {
            finish(last, why);
            return;
        }
        move(last);
        exchange.giveUp(why);
        out.complete(true);
    }

    private void finish(RegistrationState last, RegistryException reason) {
        serial.check();
        move(last);
        exchange.stop(reason);
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
        if (to == RegistrationState.LOST || to == RegistrationState.REFUSED || to == RegistrationState.CLOSED) {
            // Before the state is seen: a user who reads it on another thread may register the id anew at once.
            keepers.release(this);
        }
        state = to;
    }
}
