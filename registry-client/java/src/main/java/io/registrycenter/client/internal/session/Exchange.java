package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import io.registrycenter.client.internal.callback.Callbacks;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls about one id, one at a time, and what their answers say about it. It outlives the keeper that began it: a newer keeper
 * of the id takes it over with the call that is at hand, so that no call of the old one comes after the new one's.
 *
 * <p>A call that was sent is repeated until it is answered, and only then comes the next one; the one exception is a call that
 * would register what nobody wants any more: a removal follows it at once. Confined to the serial executor.
 */
final class Exchange {

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    /** So many changes wait for one answer. */
    static final int MAX_WAITING = 1024;

    private final Callbacks callbacks;
    private final Supplier<String> tokens;
    private final Outbox outbox;
    private final Standing standing = new Standing();
    private Keeper keeper;

    /** The request id of a former keeper's call that is at hand; empty: there is none. */
    private String inherited = "";

    /** @param tokens random names, another one each time */
    Exchange(Keeper keeper, Callbacks callbacks, Supplier<String> tokens, Outbox outbox) {
        this.keeper = keeper;
        this.callbacks = callbacks;
        this.tokens = tokens;
        this.outbox = outbox;
    }

    Standing standing() {
        return standing;
    }

    /** The successor's calls come next, after the one that was sent. What was not sent yet is forgotten. */
    void passTo(Keeper successor) {
        outbox.failStages(Refusals.closed(keeper.key()));
        keeper = successor;
        standing.newKeeper();
        inherited = outbox.requestAtHand();
    }

    // --- wishes

    boolean isFull() {
        Intent waiting = outbox.waiting();
        return waiting != null && waiting.waiting().size() >= MAX_WAITING;
    }

    boolean nothingWaits() {
        return outbox.waiting() == null;
    }

    /** Whether the registry may know of the instance, as far as this client knows. */
    boolean mayHaveArrived() {
        return standing.mayHold() || outbox.mayHaveArrived();
    }

    /** Whether the instance is registered, or may be by a call that was sent. */
    boolean mayRegister() {
        return standing.mayHold() || outbox.isAtHand(Intent.Kind.PUT);
    }

    /** The newest wish: that this be registered. Those who wait for an older one that was not sent wait for this one. */
    void put(Instance payload, List<CompletableFuture<Cursor>> stages) {
        Intent earlier = outbox.waiting();
        outbox.wish(
                earlier == null
                        ? Intent.of(Intent.Kind.PUT, tokens.get(), payload, stages)
                        : earlier.with(tokens.get(), payload, stages));
    }

    /** As {@link #put}, in the place of all that was wished or sent before: that is void, with its session. */
    void putAnew(Instance payload) {
        inherited = "";
        outbox.wish(Intent.of(Intent.Kind.PUT, tokens.get(), payload, outbox.takeStages()));
    }

    /** The instance shall go; whoever waits for something else is told why it does not come. */
    void remove(RegistryException why) {
        outbox.failWaiting(why);
        if (outbox.isAtHand(Intent.Kind.REMOVE)) {
            // A former keeper's, which is repeated until it is answered, does it.
            return;
        }
        if (!outbox.flying()) {
            // What would be sent again has no use any more.
            outbox.failAtHand(why);
        }
        outbox.wish(Intent.of(Intent.Kind.REMOVE, tokens.get(), keeper.desired(), List.of()));
    }

    /** As {@link #remove}; whoever waits for the call that is on its way is told at once, too. */
    void giveUp(RegistryException why) {
        outbox.failStages(why);
        remove(why);
    }

    /** Nothing is sent any more, and answers that still come are ignored. */
    void stop(RegistryException why) {
        outbox.failAtHand(why);
        outbox.failWaiting(why);
    }

    // --- calls and their answers

    /** It is this id's turn: what to send. Called when due. */
    Intent take() {
        return outbox.take(this::resolve);
    }

    /** A wish that changes nothing but the status is sent as that. */
    private Intent resolve(Intent wish) {
        if (wish.kind() == Intent.Kind.REMOVE) {
            return wish.as(Intent.Kind.REMOVE, standing.registration());
        }
        Instance before = standing.accepted();
        boolean statusAlone = keeper.state() == RegistrationState.REGISTERED
                && before != null
                && wish.payload().status() != before.status()
                && wish.payload().withStatus(before.status()).sameAs(before);
        return statusAlone ? wish.as(Intent.Kind.STATUS, standing.registration()) : wish;
    }

    void acknowledged(Intent intent, Accepted answer) {
        if (!outbox.isAtHand(intent)) {
            return;
        }
        boolean own = !takeInherited(intent);
        outbox.accepted();
        if (intent.kind() == Intent.Kind.REMOVE) {
            standing.holdsNothing();
        } else {
            standing.holds(own ? intent.payload() : null, answer);
            intent.acknowledge(callbacks, answer.cursor());
            if (own) {
                keeper.accepted();
            }
        }
        goOn(standing.mayHold());
    }

    void failed(Intent intent, RegistryException failure) {
        if (!outbox.isAtHand(intent)) {
            return;
        }
        if (failure.kind() == Kind.NOT_HOLDER && isOutdated(intent)) {
            outbox.settled();
            repeatAsItIsNow(intent);
            goOn(true);
            return;
        }
        boolean isFinal = Refusals.isFinal(failure);
        if (!isFinal && (keeper.wanted() || intent.kind() == Intent.Kind.REMOVE)) {
            log.info("{} is not settled yet ({}), tried again", keeper.key(), failure.getMessage());
            outbox.again(failure);
            return;
        }
        boolean own = !takeInherited(intent);
        outbox.settled();
        boolean notHolder = failure.kind() == Kind.NOT_HOLDER;
        if (notHolder) {
            standing.holdsNothing();
        }
        boolean concernsKeeper = own && keeper.wanted();
        intent.fail(callbacks, notHolder ? notHolder(concernsKeeper) : failure);
        if (concernsKeeper && notHolder) {
            keeper.heldNoMore();
        } else if (concernsKeeper) {
            keeper.refused(intent.payload(), failure);
        }
        goOn(standing.mayHold() || !isFinal);
    }

    /** A fault of ours in taking an answer: the call is made again, or what waits behind it goes on. */
    void faulted(Intent intent, RegistryException fault) {
        if (outbox.isAtHand(intent)) {
            failed(intent, fault);
        } else {
            goOn(standing.mayHold());
        }
    }

    /** The call named a registration of a history that the registry has left meanwhile. */
    private boolean isOutdated(Intent intent) {
        return intent.registration() != null && !intent.registration().equals(standing.registration());
    }

    private void repeatAsItIsNow(Intent intent) {
        inherited = "";
        if (keeper.wanted()) {
            put(keeper.desired(), intent.waiting());
        } else {
            remove(Refusals.closed(keeper.key()));
        }
    }

    private RegistryException notHolder(boolean wanted) {
        return wanted ? Refusals.lost(keeper.key(), LostReason.NOT_HOLDER) : Refusals.closed(keeper.key());
    }

    /** Nothing is at hand any more: what waits is next, unless it is the removal of what is not there. */
    private void goOn(boolean mayBeThere) {
        if (keeper.wanted() || (mayBeThere && !nothingWaits())) {
            outbox.next();
        } else {
            keeper.abandon(Refusals.closed(keeper.key()));
        }
    }

    private boolean takeInherited(Intent intent) {
        boolean isInherited = intent.requestId().equals(inherited);
        inherited = "";
        return isInherited;
    }
}
