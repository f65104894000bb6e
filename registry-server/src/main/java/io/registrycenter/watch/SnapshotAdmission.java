package io.registrycenter.watch;

import io.registrycenter.catalog.Refusal.LimitExceeded;
import org.jspecify.annotations.Nullable;

/** Decides whether a subscription may be told a snapshot now. Any thread; must not block. */
public interface SnapshotAdmission {

    /** Every one. */
    SnapshotAdmission ALWAYS = new SnapshotAdmission() {
        @Override
        public @Nullable LimitExceeded begin(boolean built) {
            return null;
        }

        @Override
        public void done() {}
    };

    /**
     * Asked when a subscription is about to be told a snapshot; each that is let in says {@link #done} once.
     *
     * @param built whether it has to be built: nobody else is being told the same one
     * @return null lets it in, else the limit and when to come back
     */
    @Nullable
    LimitExceeded begin(boolean built);

    /** One that was let in is through, or over. */
    void done();
}
