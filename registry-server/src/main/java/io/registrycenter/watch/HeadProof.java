package io.registrycenter.watch;

import java.util.concurrent.CompletableFuture;

/** Asks the store itself for its newest revision, so that a client's future cursor can be told from a server that is behind. */
public interface HeadProof {

    /** A revision the store has proven to be its newest at some moment during the call; fails when it cannot tell. */
    CompletableFuture<Long> head();
}
