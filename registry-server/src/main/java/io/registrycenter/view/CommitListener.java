package io.registrycenter.view;

/** Is told of every commit, in order, after the view shows it. Called on the applier thread; must neither block nor throw. */
@FunctionalInterface
public interface CommitListener {

    void applied(AppliedCommit commit);

    /**
     * The view was replaced by a newer state, and what led there is not known. As one commit, unless a listener can tell better.
     *
     * @param difference between what the view showed before and what it shows now; a removal whose reason is not known has none
     */
    default void replaced(AppliedCommit difference) {
        applied(difference);
        batchComplete();
    }

    /** As {@link io.registrycenter.store.Follower#batchComplete} says it; comes when the history is lost, too. */
    default void batchComplete() {}
}
