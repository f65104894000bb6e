package io.registrycenter.e2e.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.registrycenter.client.Change;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.e2e.history.Happened;
import io.registrycenter.e2e.history.Writers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Everything that happens to instances, from before the first on, as a watcher of the whole namespace is told it, which hops
 * from server to server as any other. For any thread.
 */
final class CommitLog implements WatchListener, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RegistryClient client;
    private final Watch watch;

    @GuardedBy("this")
    private final List<Happened> log = new ArrayList<>();

    @GuardedBy("this")
    private final List<String> wrong = new ArrayList<>();

    @GuardedBy("this")
    private long applied;

    /** Watches from now on; nothing may have been registered before. */
    CommitLog(String targets) {
        client = RegistryClient.builder()
                .target(targets.split(","))
                .name("commit-log")
                .build();
        watch = client.watch(Interest.namespace("default"), this);
        watch.synced()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    @Override
    public synchronized void onSnapshot(ViewChange change) {
        if (applied != 0 || !change.instances().isEmpty()) {
            wrong.add("a snapshot " + change.snapshot() + " at " + change.cursor() + " after " + applied);
        }
        applied = change.cursor().revision();
    }

    @Override
    public synchronized void onChanges(ViewChange change) {
        if (change.coalesced()) {
            wrong.add("coalesced up to " + change.cursor());
        }
        for (Change one : change.changes()) {
            String key = one.service() + "/" + one.instanceId();
            log.add(
                    switch (one) {
                        case Change.Put put ->
                            new Happened(
                                    put.revision(),
                                    key,
                                    "",
                                    put.instance().metadata().getOrDefault(Writers.TOKEN, ""),
                                    put.instance().status().name());
                        case Change.Removal removal ->
                            new Happened(
                                    removal.revision(), key, removal.reason().name(), "", "");
                    });
        }
        applied = change.cursor().revision();
    }

    /** All changes up to a revision, that one included, of services that begin so; fails when anything may be missing. */
    List<Happened> upTo(long revision, String services) {
        Await.until("the log at revision " + revision, PATIENCE, () -> applied() >= revision);
        synchronized (this) {
            if (!wrong.isEmpty()) {
                throw new AssertionError("the log is not whole: " + wrong);
            }
            return log.stream()
                    .filter(one -> one.revision() <= revision && one.key().startsWith(services))
                    .toList();
        }
    }

    private synchronized long applied() {
        return applied;
    }

    @Override
    public void close() {
        client.close();
    }
}
