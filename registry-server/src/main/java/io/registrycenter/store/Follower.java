package io.registrycenter.store;

/** Receives the history. All calls come from one thread of the engine, one at a time; an exception ends the following as lost. */
public interface Follower {

    /** The next commit, whole, in order, none left out. */
    void commit(Commit commit);

    /**
     * The history no longer reaches back to where this follower stands. Nothing follows.
     *
     * @param floor the oldest revision that can be read
     */
    void compacted(long floor);

    /** The engine cannot deliver any more. Nothing follows. */
    void lost(Throwable cause);
}
