package io.registrycenter.session;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.registration.Registered;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A provider with one instance that keeps the contract: heartbeats every third of its TTL, a resume soon after each loss with
 * one attempt per loss; it leaves a link that asks it to, or that does not answer. Its network is cut now and then, never for longer than a session can stand, until it dies.
 */
final class SimulatedClient {

    /** How it ended. */
    enum Fate {
        LIVING,
        /** Its process is gone and the network says so. */
        CRASHED,
        /** Its machine is gone, and nobody says so. */
        SILENT,
        /** It said goodbye. */
        LEFT
    }

    private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    /** Two thirds of the TTL without an answer leave a third to come back on another link. */
    private static final long SILENCE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Entrance entrance;
    private final Random random;
    final String instance;

    Fate fate = Fate.LIVING;
    long endedAt;
    String sessionId = "";
    private long fence;
    private String attempt = "";
    private boolean instanceStored;
    private @Nullable TestLink link;
    private @Nullable CompletableFuture<Registered> registering;
    private long askedAt;
    private long connectAt;
    private long beatAt;
    private int answers;
    private long answeredAt;

    SimulatedClient(Entrance entrance, Random random, String instance) {
        this.entrance = entrance;
        this.random = random;
        this.instance = instance;
    }

    boolean registered() {
        return instanceStored;
    }

    /** Whether it has its session on a link, so that it can stand another loss. */
    boolean settled() {
        return link != null && attempt.isEmpty();
    }

    void act(long now) {
        if (fate != Fate.LIVING) {
            return;
        }
        TestLink current = link;
        if (current == null) {
            if (now >= connectAt) {
                connect(now);
            }
        } else if (current.ending() != null) {
            ended(current, now);
        } else if (!current.isOpened()) {
            if (now - askedAt > PATIENCE_NANOS) {
                cut(now, random.nextBoolean());
            }
        } else {
            opened(current, now);
        }
    }

    /** The network breaks; {@code heard}: the server learns of it. */
    void cut(long now, boolean heard) {
        TestLink current = link;
        if (current == null || fate != Fate.LIVING) {
            return;
        }
        if (heard) {
            current.close(CloseCause.PEER_RESET);
        }
        lose(now);
    }

    void end(Fate how, long now) {
        if (fate != Fate.LIVING) {
            return;
        }
        TestLink current = link;
        if (how == Fate.LEFT) {
            if (current == null || !current.isOpened() || current.ending() != null) {
                return;
            }
            current.goodbye();
        } else if (how == Fate.CRASHED && current != null) {
            current.close(CloseCause.PEER_EOF);
        }
        fate = how;
        endedAt = now;
    }

    /** The server's process is gone, and with it every connection. */
    void serverKilled(long now, long backAt) {
        TestLink current = link;
        registering = null;
        if (current != null) {
            lose(now);
        }
        connectAt = backAt + (long) (random.nextDouble() * 3e9);
    }

    private void connect(long now) {
        TestLink next = entrance.link();
        link = next;
        askedAt = now;
        if (sessionId.isEmpty()) {
            next.open(Duration.ZERO);
        } else {
            next.resume(sessionId, fence, attempt);
        }
    }

    private void opened(TestLink current, long now) {
        if (!current.id().equals(sessionId) || current.fence() != fence) {
            if (!sessionId.isEmpty() && current.fence() <= fence) {
                throw new AssertionError("the fence went from " + fence + " to " + current.fence());
            }
            sessionId = current.id();
            fence = current.fence();
            attempt = "";
            beatAt = now;
            answeredAt = now;
            answers = 0;
        }
        if (current.heartbeats.size() > answers) {
            answers = current.heartbeats.size();
            answeredAt = now;
        }
        if (!current.drains.isEmpty() || now - answeredAt > SILENCE_NANOS) {
            lose(now);
            return;
        }
        if (now >= beatAt) {
            current.beat();
            beatAt = now + (long) (current.answer().heartbeatInterval().toNanos() * (0.75 + random.nextDouble() / 4));
        }
        register();
    }

    private void register() {
        CompletableFuture<Registered> call = registering;
        if (instanceStored) {
            return;
        }
        if (call == null) {
            registering = entrance.registering(sessionId, instance, 1);
        } else if (call.isDone()) {
            instanceStored = !call.isCompletedExceptionally();
            registering = null;
        }
    }

    private void ended(TestLink current, long now) {
        CloseCause cause = current.endCause();
        if (cause == CloseCause.SESSION_EXPIRED || cause == CloseCause.FENCED) {
            throw new AssertionError(instance + " lives, kept the contract, and was told " + current.ending());
        }
        lose(now);
    }

    private void lose(long now) {
        // What it has not read it does not know: an Opened that arrives with the end is lost.
        if (attempt.isEmpty()) {
            attempt = Long.toHexString(random.nextLong());
        }
        link = null;
        connectAt = now + (long) (random.nextDouble() * 1e9);
    }
}
