package io.registrycenter.memory;

/**
 * The parts of the heap, in bytes, that the server gives to what grows. Immutable.
 *
 * <pre>
 * heap = the program itself ({@link #PROGRAM_BYTES}) + the rest
 * shared = fraction of the rest = commits that wait + the store's newest commits + history and snapshots (at most its cap)
 * instances and sessions: half of what shared leaves; no limit, they are data; but it is told when they need more
 * what is then left: requests, streams, and room for the collector to work
 * </pre>
 *
 * @param heap the largest heap of this JVM
 * @param shared what history, snapshots, queues and caches may take together
 * @param waitingCommits commits that wait for the store
 * @param newestCommits commits that the embedded store keeps for followers
 * @param history history and snapshots together
 * @param view what instances and sessions are expected to take at most
 */
public record MemoryBudget(long heap, long shared, long waitingCommits, long newestCommits, long history, long view) {

    /** Live heap of a server that holds nothing, with the room that it needs to work. */
    public static final long PROGRAM_BYTES = 40L << 20;

    /** A smaller heap has no room for anything but the program. */
    public static final long SMALLEST_HEAP_BYTES = 60L << 20;

    private static final long MOST_WAITING_BYTES = 64L << 20;
    private static final long MOST_NEWEST_BYTES = 16L << 20;
    private static final int WAITING_SHARE = 8;
    private static final int NEWEST_SHARE = 16;

    /**
     * Divides a heap.
     *
     * @param fraction of the heap beyond the program, above 0 and below 1
     * @param historyCap history and snapshots never take more
     * @throws IllegalArgumentException for a heap below {@link #SMALLEST_HEAP_BYTES}
     */
    public static MemoryBudget of(long heap, double fraction, long historyCap) {
        if (heap < SMALLEST_HEAP_BYTES) {
            throw new IllegalArgumentException("a heap of " + heap + " bytes");
        }
        long rest = heap - PROGRAM_BYTES;
        long shared = (long) (rest * fraction);
        long waiting = Math.min(MOST_WAITING_BYTES, shared / WAITING_SHARE);
        long newest = Math.min(MOST_NEWEST_BYTES, shared / NEWEST_SHARE);
        long history = Math.min(historyCap, shared - waiting - newest);
        return new MemoryBudget(heap, shared, waiting, newest, history, (rest - shared) / 2);
    }
}
