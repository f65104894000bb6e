package io.registrycenter.watch;

import io.registrycenter.catalog.ClientInfo;
import org.jspecify.annotations.Nullable;

/**
 * How one stream stands, for operators. Immutable.
 *
 * @param ageNanos since it was opened
 * @param idleNanos since the client was heard, pauses of this server and of the transport left out
 * @param stalledNanos how long data has waited for a transport that takes none
 * @param condition how it keeps up
 * @param step the lowest its subscriptions stand on the ladder
 * @param syncing whether a subscription waits for its first answer
 * @param written the lowest revision written to its subscriptions; the hub's when it has none
 * @param acknowledged the lowest revision the client said it had applied to all of them; null: it said none
 * @param pendingChanges changes it has yet to be told, all subscriptions together
 * @param pendingBytes the same in encoded bytes
 * @param oldestPendingNanos how long the oldest of them has waited; 0 when there is none
 */
public record StreamFigures(
        String id,
        String peer,
        ClientInfo client,
        StreamState state,
        StreamCondition condition,
        LadderStep step,
        boolean syncing,
        int subscriptions,
        long ageNanos,
        long idleNanos,
        long stalledNanos,
        long written,
        @Nullable Long acknowledged,
        long pendingChanges,
        long pendingBytes,
        long oldestPendingNanos,
        @Nullable PreviousClose previousClose) {}
