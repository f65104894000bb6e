package io.registrycenter.store.etcd;

import io.registrycenter.store.StoreException;

/** What a server is told that finds another history in etcd than the one it has followed. Stateless; any thread. */
final class LostHistory {

    private LostHistory() {}

    /** @param how it was found out, for an operator */
    static StoreException because(String how) {
        return new StoreException(
                StoreException.Kind.CORRUPT,
                "etcd's history is another one than before (" + how
                        + "): a backup was restored as if it were the same history; restart every server, the first one once"
                        + " with registry.store.new-epoch=true");
    }
}
