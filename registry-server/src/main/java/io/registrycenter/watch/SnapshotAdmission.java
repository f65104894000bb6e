package io.registrycenter.watch;

import java.time.Duration;

/** Decides whether a snapshot may be built now. Any thread; must not block. */
public interface SnapshotAdmission {

    /** Every one. */
    SnapshotAdmission ALWAYS = () -> Duration.ZERO;

    /** Asked for each snapshot that must be built: zero lets it, else how long its watcher is told to wait. */
    Duration retryAfterOrZero();
}
