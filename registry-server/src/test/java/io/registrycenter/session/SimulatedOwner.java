package io.registrycenter.session;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.registration.DeregisterCommand;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.Registered;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider of one instance that keeps the contract: one call at a time, losses held against the created revision, and what was
 * registered after all is taken out. Former calls of it are sent once more now and then.
 */
final class SimulatedOwner {

    static final InstanceKey KEY = SimulatedWorld.key("a");

    /** Fewer than the calls that a record remembers, for both owners together. */
    private static final int COPIES = 6;

    private enum State {
        OUT,
        REGISTERED,
        /** Taken by another session; also when the answer that it was registered comes after that. */
        LOST
    }

    private final SessionWorld world;
    private final Random random;
    private final TestLink link;
    private final Deque<Supplier<CompletableFuture<?>>> former = new ArrayDeque<>();

    private State state = State.OUT;
    /** Whether the user wants the instance. */
    private boolean wanted;

    private long created;
    private int calls;
    private @Nullable CompletableFuture<Registered> registering;
    private @Nullable CompletableFuture<Cursor> removing;

    SimulatedOwner(SessionWorld world, Random random, TestLink link) {
        this.world = world;
        this.random = random;
        this.link = link;
    }

    String sessionId() {
        return link.id();
    }

    boolean registered() {
        return state == State.REGISTERED;
    }

    boolean waits() {
        return registering != null || removing != null;
    }

    void act() {
        settle();
        if (random.nextInt(4) == 0 && !former.isEmpty()) {
            sendOnceMore();
        }
        switch (random.nextInt(4)) {
            case 0 -> close();
            case 1, 2 -> register();
            default -> {
                // Nothing is wanted.
            }
        }
    }

    void register() {
        wanted = true;
        goOn();
    }

    void close() {
        wanted = false;
        goOn();
    }

    /** Takes answers and news. */
    void settle() {
        CompletableFuture<Registered> put = registering;
        if (put != null && put.isDone()) {
            registering = null;
            Registered answer = unlessNotHolder(put);
            created = answer == null ? 0 : answer.instance().createdRevision();
            state = answer == null ? State.LOST : State.REGISTERED;
            wanted &= answer != null;
        }
        CompletableFuture<Cursor> removal = removing;
        if (removal != null && removal.isDone()) {
            removing = null;
            state = State.OUT;
            var unused = unlessNotHolder(removal);
        }
        Loss loss = link.lost.get(KEY);
        if (state == State.REGISTERED && registering == null && loss != null && loss.createdRevision() >= created) {
            state = State.LOST;
            wanted = false;
        }
        if (!wanted || state == State.OUT) {
            goOn();
        }
    }

    private void goOn() {
        if (waits()) {
            return;
        }
        String request = link.id().substring(20) + "-" + ++calls;
        if (wanted) {
            RegisterCommand command =
                    new RegisterCommand("shop", SimulatedWorld.instance("a", calls), link.id(), request, () -> false);
            registering = world.registrations.register(command);
            remember(() -> world.registrations.register(command));
        } else if (state == State.REGISTERED) {
            DeregisterCommand command = new DeregisterCommand(
                    KEY, link.id(), request, new Cursor(world.store.epoch(), created), () -> false);
            removing = world.registrations.deregister(command);
            remember(() -> world.registrations.deregister(command));
        }
    }

    private void remember(Supplier<CompletableFuture<?>> call) {
        former.addLast(call);
        if (former.size() > COPIES) {
            former.removeFirst();
        }
    }

    private void sendOnceMore() {
        // The newest may be under way still: then it is a repeat, and the older ones are late.
        int chosen = random.nextInt(former.size());
        var unused = former.stream().skip(chosen).findFirst().orElseThrow().get();
    }

    private static <T> @Nullable T unlessNotHolder(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException refused) {
            if (refused.getCause() instanceof Refusal.NotHolder) {
                return null;
            }
            throw refused;
        }
    }

    @Override
    public String toString() {
        return "owner " + link.id() + ": " + state + ", created " + created + ", " + calls + " calls";
    }
}
