package io.registrycenter.store.sqlite;

/**
 * How much the engine holds before it does something about it.
 *
 * @param queuedTransactions transactions that are waiting, being written or being answered; more are OVERLOADED
 * @param queuedBytes the same in encoded bytes
 * @param tailCommits recent commits that followers get without reading the disk
 * @param tailBytes the same in encoded bytes
 * @param walBytes in the WAL, before the writer moves them into the database; it pauses for that, so not too many, and forces
 *     two files, so not too few
 */
record Limits(int queuedTransactions, long queuedBytes, int tailCommits, long tailBytes, long walBytes) {

    static final Limits DEFAULT = new Limits(65_536, 64 << 20, 16_384, 16 << 20, 16 << 20);

    /** A transaction that waits is there twice, as words and encoded, with its caller's request and answer. */
    private static final int HEAP_OF_WAITING = 3;

    /** One of the newest commits is there as words. */
    private static final int HEAP_OF_NEWEST = 2;

    /** The defaults, or less where the heap has less for them. */
    static Limits within(long waitingHeapBytes, long newestHeapBytes) {
        return new Limits(
                DEFAULT.queuedTransactions,
                Math.min(DEFAULT.queuedBytes, waitingHeapBytes / HEAP_OF_WAITING),
                DEFAULT.tailCommits,
                Math.min(DEFAULT.tailBytes, newestHeapBytes / HEAP_OF_NEWEST),
                DEFAULT.walBytes);
    }
}
