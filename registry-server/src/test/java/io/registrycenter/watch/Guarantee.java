package io.registrycenter.watch;

/** The guarantees that concern watches, one word each as in the contract. */
enum Guarantee {
    ORDERED("revisions on a subscription never decrease"),
    UNIQUE("a (revision, instance) arrives at most once, also across reconnects with a cursor"),
    ATOMIC("the changes of one commit that match an interest arrive in one message"),
    RELIABLE("between two cursors nothing inside the history is missing, and after proves it"),
    RESUMABLE("resume at R: one first answer, and the first change is the first one after R"),
    BOOKMARKABLE("after a heartbeat with cursor R no change up to R arrives; a heartbeat never overtakes data"),
    CONVERGENT("a coalesced delta or a snapshot at R leaves the client with exactly the state at R"),
    FILTERED("only what the interest asks for"),
    NO_TIME_TRAVEL("per client, across servers, the applied revision never decreases"),
    NO_LEAK("when every stream has ended, no stream, subscription or fault is left");

    private final String statement;

    Guarantee(String statement) {
        this.statement = statement;
    }

    String statement() {
        return statement;
    }
}
