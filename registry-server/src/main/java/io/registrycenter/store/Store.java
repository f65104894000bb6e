package io.registrycenter.store;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one durable, ordered history: a revisioned key space with guarded transactions.
 *
 * <p>Writers get a number, not an effect: what this node knows changes only through {@link #follow}. One contract suite
 * ({@code StoreContract}) runs on every engine and on the in-memory fake.
 *
 * <p>Methods may be called from any thread. {@link #read}, {@link #readNewest}, {@link #scan} and {@link #announce} block on the
 * disk or network; nothing else does.
 */
public interface Store extends AutoCloseable {

    /** How often a commit is judged again before a conflict is its outcome. */
    int MAX_JUDGEMENTS = 16;

    /** Identity of this history, at most 64 characters; another one after the data was wiped or a copy put back. */
    String epoch();

    /** The newest revision that is durable; 0 in an empty store. */
    long head();

    /**
     * A revision that the engine proves to be its newest at some moment during the call; unlike {@link #head} it knows of what
     * other servers committed. Fails with a {@link StoreException} when the engine cannot tell.
     */
    default CompletableFuture<Long> provenHead() {
        return CompletableFuture.completedFuture(head());
    }

    /** The oldest revision that {@link #read} and {@link #follow} still know; 0 until something was compacted. */
    long floor();

    /** Bytes that the history above the floor takes on the disk, as well as the engine knows; 0 where there is none. */
    long historyBytes();

    /** How often commits were made durable since the start; fewer than commits where several share one. 0: not counted. */
    default long writes() {
        return 0;
    }

    /** Bytes free on the disk that the history is on, as of some seconds ago; empty where the engine does not know. */
    default OptionalLong freeBytes() {
        return OptionalLong.empty();
    }

    /**
     * Why no commit can be made durable at the moment, as a clause for operators; null while commits are taken. What was delivered
     * stays true meanwhile, and reads are answered. It ends without a restart, when its reason does. Any thread, blocks nothing.
     */
    default @Nullable String writeObstacle() {
        return null;
    }

    /** The name of the engine's alarm that stands, as the engine has it; null: none, or the engine knows no alarms. */
    default @Nullable String alarm() {
        return null;
    }

    /**
     * Commits, if every guard holds; when one does not, judges again. The future completes when the commit is durable, on a
     * thread of the engine that must not be blocked; exceptionally with a {@link StoreException} ({@code OVERLOADED},
     * {@code UNAVAILABLE}, {@code UNWANTED}), or with what {@code judgement} threw.
     *
     * <p>A commit that fails as {@code UNAVAILABLE} may have been carried out: nobody knows.
     *
     * @param judgement what to commit instead; asked at most {@value #MAX_JUDGEMENTS} times
     */
    CompletableFuture<Outcome> commit(Transaction transaction, Judgement judgement);

    /** Commits, if every guard holds; see {@link #commit(Transaction, Judgement)}. */
    default CompletableFuture<Outcome> commit(Transaction transaction) {
        return commit(transaction, Judgement.LEAVE_IT);
    }

    /**
     * Every record as it stood at a revision between {@link #floor} and {@link #head}.
     *
     * @throws StoreException {@code COMPACTED} below the floor
     */
    List<StoredRecord> read(long revision);

    /**
     * Every record as it stands at a revision that is the newest there is at some moment during the call; unlike {@link #head} it
     * is found also where this server was told nothing for a while. Blocks.
     *
     * @throws StoreException {@code UNAVAILABLE}; {@code COMPACTED} when that revision is compacted away meanwhile: ask again
     */
    default StoreState readNewest() {
        long head = head();
        return new StoreState(head, read(head));
    }

    /**
     * Every record as it stood at a revision, as {@link #read}, one after the other in the order of their paths; an engine that
     * can does not hold them all at once. Blocks; the receiver is called on this thread.
     */
    default void scan(long revision, Consumer<StoredRecord> receiver) {
        read(revision).stream()
                .sorted(Comparator.comparing(
                        (StoredRecord stored) -> stored.key().path()))
                .forEach(receiver);
    }

    /**
     * Delivers every commit after a revision, first from the past, then as they come.
     *
     * @return closing it ends the delivery; when {@code close} has returned, no call is under way or comes (unless it was
     *     the follower itself that closed)
     */
    Following follow(long after, Follower follower);

    /**
     * Makes this server known to the others, and keeps it known. Blocks until it is.
     *
     * @param owner name of this server process, as session records name it; no slash
     * @throws StoreException {@code UNAVAILABLE}
     */
    default Presence announce(String owner, RecordValue.NodeRecord node) {
        return Presence.ALONE;
    }

    /** Forgets the history up to a revision, at most the head; the state at that revision stays readable. */
    CompletableFuture<Long> compact(long revision);

    /** Commits what is queued, then lets go of the data. */
    @Override
    void close();

    /** A running delivery. */
    interface Following extends AutoCloseable {
        @Override
        void close();
    }
}
