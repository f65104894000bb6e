package io.registrycenter.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.CuttableStore;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What becomes of a view whose history broke off, on a clock and a reader in the test's hand. */
class FollowedStoreTest {

    private static final InstanceKey KEPT = new InstanceKey("shop", "orders", "kept");
    private static final InstanceKey CHANGED = new InstanceKey("shop", "orders", "changed");
    private static final InstanceKey REMOVED = new InstanceKey("shop", "orders", "removed");
    private static final InstanceKey SWEPT = new InstanceKey("shop", "orders", "swept");
    private static final InstanceKey NEW = new InstanceKey("shop", "carts", "new");

    private final InMemoryStore store = new InMemoryStore();
    private final CuttableStore way = new CuttableStore(store, Runnable::run, Runnable::run);
    private final View view = new View("e1", () -> this.now);
    private final List<AppliedCommit> commits = new ArrayList<>();
    private final List<AppliedCommit> differences = new ArrayList<>();
    private final List<StoreException> lost = new ArrayList<>();
    private final ArrayDeque<Runnable> reader = new ArrayDeque<>();
    private final FollowedStore followed = new FollowedStore(
            way, new Applier(view, List.of(new Listener()), lost::add), reader::add, () -> this.now, new Random(1));
    private boolean listenerFails;
    private long now;

    private final class Listener implements CommitListener {
        @Override
        public void applied(AppliedCommit commit) {
            if (listenerFails) {
                throw new IllegalStateException("a listener's fault");
            }
            commits.add(commit);
        }

        @Override
        public void replaced(AppliedCommit difference) {
            differences.add(difference);
        }
    }

    private static Mutation put(InstanceKey key, int weight) {
        Instance instance =
                new Instance(key.service(), key.id(), List.of(), "", weight, Map.of(), InstanceStatus.UP, 0, 0);
        return new Mutation(new RecordKey.OfInstance(key), new InstanceRecord(instance, "s1", ""));
    }

    private static Mutation bury(InstanceKey key) {
        return new Mutation(new RecordKey.OfInstance(key), new Tombstone(RemovalReason.SESSION_EXPIRED, "s1", ""));
    }

    private void commit(Mutation... mutations) {
        store.commit(new Transaction(List.of(), List.of(mutations))).join();
    }

    private void begin() {
        followed.begin(0);
        view.become(Freshness.CURRENT, Duration.ZERO);
    }

    private void pass(Duration time) {
        for (long end = now + time.toNanos(); now < end; ) {
            now += Duration.ofMillis(250).toNanos();
            followed.tick();
            read();
        }
    }

    private void read() {
        for (Runnable task = reader.poll(); task != null; task = reader.poll()) {
            task.run();
        }
    }

    private List<String> shown() {
        return view.snapshot(new Interest("shop", "", Map.of())).instances().stream()
                .map(instance -> instance.id() + " " + instance.weight())
                .toList();
    }

    /** The history between here and there is compacted away while nothing is told. */
    private void miss(Runnable between) {
        way.cut();
        between.run();
        store.compact(store.head()).join();
        way.healCompacted();
    }

    @Test
    void compacted_theNewestStateIsShown_withWhatChangedBetween_andTheHistoryGoesOn() {
        begin();
        SessionRecord mine = new SessionRecord("n1", 1, "", 15_000, ClientInfo.UNKNOWN, null);
        SessionRecord adopted = new SessionRecord("n2", 2, "x", 15_000, ClientInfo.UNKNOWN, null);
        commit(put(KEPT, 1), put(CHANGED, 1), put(REMOVED, 1), put(SWEPT, 1));
        commit(
                new Mutation(new RecordKey.OfSession("s1"), mine),
                new Mutation(new RecordKey.OfNode("n1"), new NodeRecord("", false)));
        miss(() -> {
            commit(put(CHANGED, 2), bury(REMOVED), bury(SWEPT), put(NEW, 1));
            commit(
                    new Mutation(new RecordKey.OfInstance(SWEPT), null),
                    new Mutation(new RecordKey.OfSession("s1"), adopted),
                    new Mutation(new RecordKey.OfNode("n1"), null),
                    new Mutation(new RecordKey.OfNode("n2"), new NodeRecord("", false)));
        });
        assertThat(view.freshness()).isEqualTo(Freshness.REREADING);
        assertThat(view.freshness().stale()).isTrue();
        assertThat(shown())
                .as("what is shown meanwhile")
                .containsExactly("changed 1", "kept 1", "removed 1", "swept 1");
        CompletableFuture<Void> waiting = view.reached(store.head());
        assertThat(waiting).isNotDone();

        read();
        assertThat(view.freshness()).isEqualTo(Freshness.CURRENT);
        assertThat(view.revision()).isEqualTo(store.head());
        assertThat(waiting).isCompleted();
        assertThat(shown()).containsExactly("new 1", "changed 2", "kept 1");
        assertThat(view.instancesOf("s1")).containsExactlyInAnyOrder(KEPT, CHANGED, NEW);
        assertThat(view.ownedBy("n1")).isEmpty();
        assertThat(view.ownedBy("n2")).containsExactly("s1");
        assertThat(view.tombstonesUpTo(store.head(), 10)).hasSize(1);
        assertThat(differences).singleElement().satisfies(difference -> {
            assertThat(difference.revision()).isEqualTo(store.head());
            assertThat(difference.instances())
                    .extracting(InstanceChange::key, InstanceChange::reason)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(CHANGED, null),
                            org.assertj.core.groups.Tuple.tuple(REMOVED, RemovalReason.SESSION_EXPIRED),
                            org.assertj.core.groups.Tuple.tuple(SWEPT, null),
                            org.assertj.core.groups.Tuple.tuple(NEW, null));
            assertThat(difference.sessions()).containsExactly(new AppliedCommit.SessionChange("s1", mine, adopted));
            assertThat(difference.nodes())
                    .containsExactlyInAnyOrder(
                            new AppliedCommit.NodeChange("n1", null),
                            new AppliedCommit.NodeChange("n2", new NodeRecord("", false)));
        });

        commits.clear();
        commit(put(CHANGED, 3));
        assertThat(commits).hasSize(1);
        assertThat(shown()).contains("changed 3");
        assertThat(lost).isEmpty();
        assertThat(followed.rereads()).isEqualTo(1);
    }

    @Test
    void compacted_storeOutOfReach_isReadAsSoonAsItCanBe_andStaysStaleSinceTheBeginning() {
        begin();
        commit(put(KEPT, 1));
        miss(() -> commit(put(KEPT, 2)));
        way.cut();
        read();
        assertThat(view.freshness()).isEqualTo(Freshness.REREADING);
        pass(Duration.ofMinutes(1));
        assertThat(view.freshness()).isEqualTo(Freshness.REREADING);
        assertThat(view.staleFor()).isEqualTo(Duration.ofMinutes(1));
        way.heal();
        pass(FollowedStore.LONGEST_WAIT);
        assertThat(view.freshness()).isEqualTo(Freshness.CURRENT);
        assertThat(shown()).containsExactly("kept 2");
    }

    @Test
    void listenerThatFails_isNoEnd_alsoNotTheInstanceThatWasAppliedInPart() {
        begin();
        commit(put(KEPT, 1));
        listenerFails = true;
        commit(put(NEW, 1));
        assertThat(view.freshness()).isEqualTo(Freshness.REREADING);
        listenerFails = false;
        read();
        assertThat(view.freshness()).isEqualTo(Freshness.CURRENT);
        assertThat(shown()).containsExactly("new 1", "kept 1");
        commit(put(NEW, 2));
        assertThat(shown()).containsExactly("new 2", "kept 1");
    }

    @Test
    void listenerThatAlwaysFails_doesNotReadTheStoreAllTheTime() {
        begin();
        listenerFails = true;
        for (int i = 0; i < 600; i++) {
            commit(put(KEPT, i));
            pass(Duration.ofMillis(250));
        }
        assertThat(followed.rereads()).isBetween(15L, 60L);
        listenerFails = false;
        pass(FollowedStore.LONGEST_WAIT);
        commit(put(KEPT, 7));
        assertThat(shown()).containsExactly("kept 7");
        pass(FollowedStore.STEADY);
        listenerFails = true;
        commit(put(KEPT, 8));
        assertThat(reader).as("a fault after a while is mended at once").hasSize(1);
    }

    @Test
    void readAnew_whenAsked_endsTheFollowingThereIs() {
        begin();
        commit(put(KEPT, 1));
        followed.readAnew(new StoreException(StoreException.Kind.UNAVAILABLE, "somebody says so"));
        followed.readAnew(new StoreException(StoreException.Kind.UNAVAILABLE, "and again"));
        assertThat(reader).hasSize(1);
        assertThat(view.freshness()).isEqualTo(Freshness.REREADING);
        read();
        commits.clear();
        commit(put(KEPT, 2));
        assertThat(commits).as("told once").hasSize(1);
        assertThat(store.followings()).isEqualTo(1);
    }

    @Test
    void close_whileTheStateIsToBeRead_followsNoMore() {
        begin();
        miss(() -> commit(put(KEPT, 2)));
        followed.close();
        read();
        assertThat(store.followings()).isZero();
        assertThat(shown()).isEmpty();
    }

    @Test
    void lost_isTheEnd() {
        begin();
        store.close();
        assertThat(view.freshness()).isEqualTo(Freshness.LOST);
        assertThat(lost).hasSize(1);
        pass(Duration.ofMinutes(1));
        assertThat(view.freshness()).isEqualTo(Freshness.LOST);
    }
}
