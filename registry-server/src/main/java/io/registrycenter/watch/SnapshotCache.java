package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.View;
import io.registrycenter.view.ViewSnapshot;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The newest snapshot of one interest, built when somebody needs it and shared until the interest's scope changes. Any thread. */
final class SnapshotCache {

    private final View view;
    private final Encoding encoding;
    private final Interest interest;
    private final int partBytes;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private @Nullable SnapshotImage image;

    SnapshotCache(View view, Encoding encoding, Interest interest, int partBytes, LongSupplier nanoTime) {
        this.view = view;
        this.encoding = encoding;
        this.interest = interest;
        this.partBytes = partBytes;
        this.nanoTime = nanoTime;
    }

    /**
     * The state now.
     *
     * @param scopeRevision the newest commit of the scope: an image at or after it is still the state
     */
    synchronized SnapshotImage current(long scopeRevision) {
        SnapshotImage known = image;
        if (known != null && known.revision() >= scopeRevision) {
            return known;
        }
        ViewSnapshot now = view.snapshot(interest);
        SnapshotImage built = new SnapshotImage(
                now.cursor().revision(),
                encoding.instances(now.instances(), partBytes),
                now.instances().size(),
                nanoTime.getAsLong());
        image = built;
        return built;
    }

    /** Lets go of an image built before this moment; its readers keep theirs until they are done. */
    synchronized void dropBefore(long nanos) {
        if (image != null && image.builtNanos() - nanos < 0) {
            image = null;
        }
    }
}
