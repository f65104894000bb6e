package io.registrycenter.grpc;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.memory.OutOfMemory;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has shown of itself: enough to say why its streams ended.
 *
 * <p>Written by {@link ConnectionObserver}, read by {@link CloseCauses}. Confined to the connection's event loop.
 */
final class CloseEvidence {

    /** How the other end began to speak. */
    enum Opening {
        /** Not a byte yet. */
        SILENT,
        /** With the bytes this port expects. */
        EXPECTED,
        /** With something else: HTTP/1, TLS on a plain port, garbage. */
        FOREIGN
    }

    private final long openedNanos;
    private Opening opening = Opening.SILENT;
    private boolean negotiated;
    private boolean goodbye;
    private @Nullable CloseCause decision;
    private boolean closedHere;
    private boolean leaving;
    private long lastReadNanos;
    private @Nullable Throwable failure;

    /** Its end was seen as a whole. */
    private boolean over;

    private final BooleanSupplier open;

    /** Made when the first task waits. */
    private @Nullable List<Runnable> waiting;

    /** @param open whether the connection's channel is open */
    CloseEvidence(long nowNanos, BooleanSupplier open) {
        openedNanos = nowNanos;
        lastReadNanos = nowNanos;
        this.open = open;
    }

    /**
     * Runs something when what can be known is known: at once, but for a connection that a failed write has just closed. Its
     * streams hear of that before anybody knows the failure.
     *
     * <p>Holds one task for each stream of the connection, for the rest of the event loop's turn.
     */
    void whenKnown(Runnable task) {
        if (over || closedHere || failure != null || open.getAsBoolean()) {
            task.run();
        } else {
            waiting = waiting == null ? new ArrayList<>() : waiting;
            waiting.add(task);
        }
    }

    /** The connection is over, and its failure noted if there was one. */
    void over() {
        over = true;
        List<Runnable> tasks = waiting == null ? List.of() : waiting;
        waiting = null;
        tasks.forEach(Runnable::run);
    }

    /** Whether its channel is open, which it is for a moment after its streams were given up. */
    boolean isOpen() {
        return open.getAsBoolean();
    }

    long openedNanos() {
        return openedNanos;
    }

    Opening opening() {
        return opening;
    }

    void opened(Opening how) {
        opening = how;
    }

    /** Whether HTTP/2 began: the other end's settings came. */
    boolean isNegotiated() {
        return negotiated;
    }

    void negotiated() {
        negotiated = true;
    }

    /** Whether the other end said that it is done with the connection, and that nothing was wrong. */
    boolean goodbye() {
        return goodbye;
    }

    void saidGoodbye() {
        goodbye = true;
    }

    /** Why this end decided to close the connection; null: it did not say. */
    @Nullable
    CloseCause decision() {
        return decision;
    }

    /** The first decision stands. */
    void decided(CloseCause why) {
        if (decision == null && failure == null) {
            decision = why;
        }
    }

    /** Whether this end closed the connection, before anything was heard of the other end doing so. */
    boolean closedHere() {
        return closedHere;
    }

    /** @param serverLeaves whether this server is leaving, and closes for that */
    void closingHere(boolean serverLeaves) {
        if (failure == null && !closedHere) {
            closedHere = true;
            leaving = serverLeaves;
        }
    }

    /** Whether this end closed the connection while this server was leaving. */
    boolean leaving() {
        return leaving;
    }

    /** What the socket said when it broke; null: it did not break. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** The first failure is the reason, what follows are consequences: so is a write on a channel that was closed before. */
    void failed(Throwable cause) {
        OutOfMemory.endIfCause(cause);
        if (failure == null && !closedHere && !isConsequence(cause)) {
            failure = cause;
        }
    }

    /** A channel that was found closed, and nothing that says why. */
    private static boolean isConsequence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (!(cause instanceof ClosedChannelException)) {
                return false;
            }
        }
        return true;
    }

    /** When the last byte came in, on the ticker of the transport. */
    long lastReadNanos() {
        return lastReadNanos;
    }

    void read(long nowNanos) {
        lastReadNanos = nowNanos;
    }
}
