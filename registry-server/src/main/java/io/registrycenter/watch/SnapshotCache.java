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
    private final SnapshotShelf shelf;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private @Nullable SnapshotImage image;

    SnapshotCache(
            View view,
            Encoding encoding,
            Interest interest,
            int partBytes,
            SnapshotShelf shelf,
            LongSupplier nanoTime) {
        this.view = view;
        this.encoding = encoding;
        this.interest = interest;
        this.partBytes = partBytes;
        this.shelf = shelf;
        this.nanoTime = nanoTime;
    }

    /**
     * The state now, held for the caller until it {@link #letGo lets go}.
     *
     * @param scopeRevision the newest commit of the scope: an image at or after it is still the state
     */
    synchronized SnapshotImage hold(long scopeRevision) {
        SnapshotImage known = image;
        if (known == null || known.revision() < scopeRevision || known.dropped() || !known.hold()) {
            known = build();
            replace(known);
            known.hold();
        }
        return known;
    }

    Interest interest() {
        return interest;
    }

    void letGo(SnapshotImage held) {
        shelf.letGo(held);
    }

    private SnapshotImage build() {
        ViewSnapshot now = view.snapshot(interest);
        return new SnapshotImage(
                now.cursor().revision(),
                encoding.instances(now.instances(), partBytes),
                now.instances().size(),
                nanoTime.getAsLong());
    }

    /** Whether {@link #hold} would answer without building. */
    synchronized boolean has(long scopeRevision) {
        return image != null && image.revision() >= scopeRevision && !image.dropped();
    }

    /** Where this server's snapshots are counted. */
    SnapshotShelf shelf() {
        return shelf;
    }

    @GuardedBy("this")
    private void replace(@Nullable SnapshotImage with) {
        if (image != null) {
            image.supersede();
            shelf.letGo(image);
        }
        image = with;
        if (with != null) {
            shelf.add(with);
        }
    }

    /** Forgets an image built before this moment; its readers keep theirs until they are done. */
    synchronized void dropBefore(long nanos) {
        if (image != null && image.builtNanos() - nanos < 0) {
            replace(null);
        }
    }

    /** Nobody asks here any more. */
    synchronized void close() {
        replace(null);
    }
}
