package io.registrycenter.view;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one commit changed in the view, with what was there before. Immutable.
 *
 * @param instances in the order of the commit; empty for a commit that concerns no instance
 * @param sessions likewise
 * @param nodes likewise
 */
public record AppliedCommit(
        long revision, List<InstanceChange> instances, List<SessionChange> sessions, List<NodeChange> nodes) {

    /**
     * One instance put or removed.
     *
     * @param before null: there was none
     * @param after null: there is none any more, and {@code reason} says why
     * @param reason of a removal; null when the state was read anew and nothing tells why any more
     * @param beforeSession who held it before; empty when nobody did
     * @param afterSession who holds it now; empty when nobody does
     */
    public record InstanceChange(
            InstanceKey key,
            @Nullable Instance before,
            @Nullable Instance after,
            @Nullable RemovalReason reason,
            String beforeSession,
            String afterSession) {}

    /** One session record written or deleted. */
    public record SessionChange(
            String sessionId,
            @Nullable SessionRecord before,
            @Nullable SessionRecord after) {}

    /**
     * One server's sign of life written, or gone.
     *
     * @param node what it says; null: it is gone
     */
    public record NodeChange(String owner, @Nullable NodeRecord node) {}
}
