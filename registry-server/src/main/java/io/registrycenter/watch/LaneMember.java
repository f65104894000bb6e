package io.registrycenter.watch;

/** What a lane wakes when its scope has news. Confined to the lane. */
abstract class LaneMember {

    /** Its place among its scope's members of this lane. Owned by {@link LaneMembers}. */
    int memberIndex;

    /** The scope may have news: it looks at the ring, and does nothing when there are none. */
    abstract void wake();
}
