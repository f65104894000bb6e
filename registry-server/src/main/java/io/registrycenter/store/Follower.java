package io.registrycenter.store;

import java.time.Duration;

/** Receives the history. All calls come from one thread of the engine, one at a time; an exception ends the following as failed. */
public interface Follower {

    /** The next commit, whole, in order, none left out. */
    void commit(Commit commit);

    /**
     * No further commit is at hand: what was put off while they came is to be done now. Follows one commit or several, without
     * a wait, but for the last ones before an end; may come when there was none.
     */
    default void batchComplete() {}

    /**
     * Every commit up to a revision was delivered, also where nothing new was: cursors move on an idle store. For engines
     * whose revisions move by more than commits.
     */
    default void passed(long revision) {}

    /**
     * The engine is out of reach: what was delivered is the last that is known. More may come.
     *
     * @param silence for how long nothing was heard by now
     */
    default void cutOff(Duration silence) {}

    /** Delivered up to what the engine has, after {@link #cutOff}. */
    default void rejoined() {}

    /**
     * The history no longer reaches back to where this follower stands. Nothing follows; who reads the newest state can follow from
     * there.
     *
     * @param floor the oldest revision that can be read
     */
    void compacted(long floor);

    /**
     * This follower, or the engine, failed over a commit or a read. Nothing follows; who reads the newest state can follow from
     * there, unless the fault comes again. For who cannot begin anew it is {@link #lost}.
     */
    default void failed(Throwable cause) {
        lost(cause);
    }

    /** The engine cannot deliver any more, to nobody: it is closed, or has lost the history. Nothing follows. */
    void lost(Throwable cause);
}
