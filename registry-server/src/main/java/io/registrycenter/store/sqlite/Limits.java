package io.registrycenter.store.sqlite;

/**
 * How much the engine holds in memory.
 *
 * @param queuedTransactions transactions that are waiting, being written or being answered; more are OVERLOADED
 * @param queuedBytes the same in encoded bytes
 * @param tailCommits recent commits that followers get without reading the disk
 * @param tailBytes the same in encoded bytes
 */
record Limits(int queuedTransactions, long queuedBytes, int tailCommits, long tailBytes) {

    static final Limits DEFAULT = new Limits(65_536, 64 << 20, 16_384, 16 << 20);
}
