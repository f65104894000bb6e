package io.registrycenter.watch;

import io.registrycenter.catalog.Interest;

/**
 * How one subscription stands, for operators. Immutable.
 *
 * @param state as drawn in {@link Subscription}
 * @param step of the ladder it stands on
 * @param written everything of its interest up to this revision is written
 * @param pendingChanges changes it has yet to be told
 * @param pendingBytes the same, encoded
 */
public record SubscriptionFigures(
        long id,
        Interest interest,
        String state,
        LadderStep step,
        long written,
        long pendingChanges,
        long pendingBytes) {}
