package io.registrycenter.view;

/** Is told of every commit, in order, after the view shows it. Called on the applier thread; must neither block nor throw. */
@FunctionalInterface
public interface CommitListener {

    void applied(AppliedCommit commit);

    /** As {@link io.registrycenter.store.Follower#batchComplete} says it; comes when the history is lost, too. */
    default void batchComplete() {}
}
