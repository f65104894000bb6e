package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import org.jspecify.annotations.Nullable;

/**
 * How one stream stands, for operators. Immutable.
 *
 * @param ageNanos since it was opened
 * @param idleNanos since the client was heard, pauses of this server and of the transport left out
 * @param stalledNanos how long data has waited for a transport that takes none
 * @param written the lowest revision written to its subscriptions; the hub's when it has none
 * @param pendingChanges changes it has yet to be told, all subscriptions together
 * @param pendingBytes the same in encoded bytes
 * @param oldestPendingNanos how long the oldest of them has waited; 0 when there is none
 */
public record StreamFigures(
        String id,
        String peer,
        ClientInfo client,
        WatchStream.State state,
        int subscriptions,
        long ageNanos,
        long idleNanos,
        long stalledNanos,
        long written,
        long pendingChanges,
        long pendingBytes,
        long oldestPendingNanos,
        @Nullable PreviousClose previousClose) {}
