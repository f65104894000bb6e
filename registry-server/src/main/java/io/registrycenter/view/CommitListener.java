package io.registrycenter.view;

/** Is told of every commit, in order, after the view shows it. Called on the applier thread; must neither block nor throw. */
public interface CommitListener {

    void applied(AppliedCommit commit);
}
