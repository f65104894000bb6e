package io.registrycenter.client.internal.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.client.Interest;
import io.registrycenter.client.internal.link.Serial;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one namespace: read once, written soon after a change and now and then while nothing changes, always with the
 * newest views there are by then. However much happens, one write waits at most.
 *
 * <p>A file that cannot be read is left aside with one log line, and replaced with the next write; a disk that takes nothing
 * is named once, and tried again with the next change.
 */
final class NamespaceCache {

    private static final Logger log = LoggerFactory.getLogger(NamespaceCache.class);

    /** Many changes make one write. */
    static final Duration AFTER_CHANGE = Duration.ofSeconds(1);

    /** So old may the proof of an unchanged view be on the disk. */
    static final Duration AFTER_PROOF = Duration.ofSeconds(60);

    private final String namespace;
    private final CacheFiles files;
    private final Serial serial;
    private final Executor disk;
    private final AtomicBoolean queued = new AtomicBoolean();

    // Confined to the serial executor.
    private Serial.@Nullable Timer timer;
    private long dueNanos;

    /** Remembered, and not followed by a source that has a view of its own yet, or any more. */
    @GuardedBy("this")
    private final Map<Interest, CachedView> former = new HashMap<>();

    @GuardedBy("this")
    private final Set<ViewCache.Source> sources = new LinkedHashSet<>();

    @GuardedBy("this")
    private boolean read;

    /** Touched by the writing thread alone. */
    private boolean failing;

    NamespaceCache(String namespace, CacheFiles files, Serial serial, Executor disk) {
        this.namespace = namespace;
        this.files = files;
        this.serial = serial;
        this.disk = disk;
    }

    synchronized @Nullable CachedView former(Interest interest) {
        if (!read) {
            read = true;
            try {
                files.read(namespace).forEach(view -> former.put(view.interest(), view));
            } catch (IOException | RuntimeException unreadable) {
                log.warn(
                        "{} is not used, there is no former view of {}: {}",
                        files.file(namespace),
                        namespace,
                        unreadable.toString());
            }
        }
        return former.get(interest);
    }

    synchronized void opened(ViewCache.Source source) {
        sources.add(source);
    }

    synchronized void closed(ViewCache.Source source) {
        if (sources.remove(source)) {
            CachedView last = source.lastKnown();
            if (last != null) {
                former.put(last.interest(), last);
            }
        }
    }

    void moved(boolean changed) {
        Duration delay = changed ? AFTER_CHANGE : AFTER_PROOF;
        long due = serial.nanoTime() + delay.toNanos();
        if (timer != null && dueNanos - due <= 0) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        dueNanos = due;
        timer = serial.schedule(delay, () -> {
            timer = null;
            queue();
        });
    }

    void flush() {
        if (timer != null) {
            timer.cancel();
            timer = null;
            queue();
        }
    }

    private void queue() {
        if (!queued.compareAndSet(false, true)) {
            return;
        }
        try {
            disk.execute(this::write);
        } catch (RejectedExecutionException closing) {
            queued.set(false);
            log.debug("The client closes; the newest views of {} are not remembered", namespace);
        } catch (Throwable fault) {
            // No thread for it, for example. The next change, or proof, tries again.
            queued.set(false);
            log.warn("The views of {} are not remembered yet: {}", namespace, fault.toString());
        }
    }

    private void write() {
        queued.set(false);
        try {
            files.write(namespace, newest());
            failing = false;
        } catch (Throwable failed) {
            if (!failing) {
                log.warn("The views of {} cannot be remembered: {}", namespace, failed.toString());
            }
            failing = true;
        }
    }

    /** Each interest once, the one proven last first; what does not fit into a file is forgotten here, too. */
    private synchronized List<CachedView> newest() {
        Map<Interest, CachedView> all = new HashMap<>(former);
        for (ViewCache.Source source : sources) {
            CachedView view = source.lastKnown();
            if (view != null) {
                former.remove(view.interest());
                all.merge(
                        view.interest(), view, (one, other) -> other.provenAt().isBefore(one.provenAt()) ? one : other);
            }
        }
        List<CachedView> views = new ArrayList<>(all.values());
        views.sort(Comparator.comparing(CachedView::provenAt).reversed());
        if (views.size() > CacheFormat.MAX_VIEWS) {
            views.subList(CacheFormat.MAX_VIEWS, views.size())
                    .forEach(forgotten -> former.remove(forgotten.interest(), forgotten));
        }
        return views;
    }
}
