package io.registrycenter.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ApplierTest {

    private static final InstanceKey A = new InstanceKey("shop", "orders", "a");
    private static final InstanceKey B = new InstanceKey("shop", "carts", "b");

    private final View view = new View("e1");
    private final List<AppliedCommit> told = new ArrayList<>();
    private final List<StoreException> lost = new ArrayList<>();
    private final Applier applier = new Applier(view, List.of(told::add), lost::add);

    private static Instance instance(InstanceKey key, int weight, long created) {
        return new Instance(key.service(), key.id(), List.of(), "", weight, Map.of(), InstanceStatus.UP, created, 0);
    }

    private static Mutation put(InstanceKey key, int weight, long created, String session) {
        return new Mutation(
                new RecordKey.OfInstance(key), new InstanceRecord(instance(key, weight, created), session, ""));
    }

    private static Mutation remove(InstanceKey key, RemovalReason reason) {
        return new Mutation(new RecordKey.OfInstance(key), new Tombstone(reason, "s1", ""));
    }

    private static Mutation sweep(InstanceKey key) {
        return new Mutation(new RecordKey.OfInstance(key), null);
    }

    private static Mutation session(String id, @Nullable RecordValue value) {
        return new Mutation(new RecordKey.OfSession(id), value);
    }

    private void commit(long revision, Mutation... mutations) {
        applier.commit(new Commit(revision, List.of(mutations)));
    }

    @Test
    void commit_newInstance_isShownWithItsRevisions() {
        commit(5, put(A, 1, 0, "s1"));
        ViewSnapshot snapshot = view.snapshot(new Interest("shop", "orders", Map.of()));
        assertThat(snapshot.cursor()).isEqualTo(new Cursor("e1", 5));
        assertThat(snapshot.instances()).containsExactly(instance(A, 1, 0).at(5, 5));
        assertThat(view.instancesOf("s1")).containsExactly(A);
        assertThat(view.instanceCount("shop", "orders")).isEqualTo(1);
    }

    @Test
    void commit_changedInstance_keepsItsCreatedRevisionAndTellsWhatWasBefore() {
        commit(5, put(A, 1, 0, "s1"));
        commit(9, put(A, 2, 5, "s1"));
        AppliedCommit.InstanceChange change = told.get(1).instances().get(0);
        assertThat(change.before()).isEqualTo(instance(A, 1, 0).at(5, 5));
        assertThat(change.after()).isEqualTo(instance(A, 2, 5).at(5, 9));
    }

    @Test
    void commit_tombstone_removesWithItsReason() {
        commit(5, put(A, 1, 0, "s1"));
        commit(6, remove(A, RemovalReason.SESSION_EXPIRED));
        AppliedCommit.InstanceChange change = told.get(1).instances().get(0);
        assertThat(change.after()).isNull();
        assertThat(change.reason()).isEqualTo(RemovalReason.SESSION_EXPIRED);
        assertThat(view.instancesOf("s1")).isEmpty();
        assertThat(view.services("shop")).isEmpty();
        assertThat(view.tombstonesUpTo(6, 10)).hasSize(1);
        assertThat(view.tombstonesUpTo(5, 10)).isEmpty();
    }

    @Test
    void commit_sweptTombstone_isSilent() {
        commit(5, put(A, 1, 0, "s1"));
        commit(6, remove(A, RemovalReason.DEREGISTERED));
        commit(7, sweep(A));
        assertThat(told.get(2).instances()).isEmpty();
        assertThat(view.record(new RecordKey.OfInstance(A))).isNull();
        assertThat(view.tombstonesUpTo(7, 10)).isEmpty();
    }

    @Test
    void commit_tombstoneOverwrittenByARegistration_isNotSweptLater() {
        commit(6, remove(A, RemovalReason.DEREGISTERED));
        commit(7, put(A, 1, 0, "s1"));
        assertThat(view.tombstonesUpTo(100, 10)).isEmpty();
    }

    @Test
    void commit_instanceTakenByAnotherSession_movesBetweenTheSessions() {
        commit(5, put(A, 1, 0, "s1"));
        commit(6, put(A, 1, 0, "s2"));
        assertThat(view.instancesOf("s1")).isEmpty();
        assertThat(view.instancesOf("s2")).containsExactly(A);
        AppliedCommit.InstanceChange change = told.get(1).instances().get(0);
        assertThat(change.beforeSession()).isEqualTo("s1");
        assertThat(change.afterSession()).isEqualTo("s2");
    }

    @Test
    void commit_overSeveralServices_isOneRevisionForTheNamespace() {
        commit(5, put(A, 1, 0, "s1"), put(B, 1, 0, "s1"));
        ViewSnapshot all = view.snapshot(new Interest("shop", "", Map.of()));
        assertThat(all.cursor().revision()).isEqualTo(5);
        assertThat(all.instances()).extracting(Instance::service).containsExactly("carts", "orders");
        assertThat(view.services("shop"))
                .containsExactly(new ServiceSummary("carts", 1, 1), new ServiceSummary("orders", 1, 1));
    }

    @Test
    void commit_session_isToldWithWhatWasBefore() {
        SessionRecord first = new SessionRecord("n1", 1, "", 15_000, ClientInfo.UNKNOWN, null);
        SessionRecord adopted = new SessionRecord("n2", 2, "x", 15_000, ClientInfo.UNKNOWN, null);
        commit(5, session("s1", first));
        commit(6, session("s1", adopted));
        commit(7, session("s1", null));
        assertThat(told.get(1).sessions()).containsExactly(new AppliedCommit.SessionChange("s1", first, adopted));
        assertThat(told.get(2).sessions()).containsExactly(new AppliedCommit.SessionChange("s1", adopted, null));
        assertThat(view.sessions()).isEmpty();
    }

    @Test
    void commit_thatGoesBackInTime_isRefused() {
        commit(5, put(A, 1, 0, "s1"));
        assertThatThrownBy(() -> commit(5, put(A, 1, 0, "s1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("back in time");
    }

    @Test
    void load_stateOfAnOlderRevision_isShownWithoutTellingListeners() {
        applier.load(
                List.of(
                        new StoredRecord(
                                new RecordKey.OfInstance(A), 3, new InstanceRecord(instance(A, 1, 2), "s1", "")),
                        new StoredRecord(new RecordKey.OfInstance(B), 4, new Tombstone(RemovalReason.ADMIN, "s1", ""))),
                8);
        assertThat(view.cursor()).isEqualTo(new Cursor("e1", 8));
        assertThat(view.snapshot(new Interest("shop", "", Map.of())).instances())
                .containsExactly(instance(A, 1, 2).at(2, 3));
        assertThat(view.instancesOf("s1")).containsExactly(A);
        assertThat(told).isEmpty();
    }

    @Test
    void reached_completesWhenTheRevisionIsApplied() {
        CompletableFuture<Void> waiting = view.reached(6);
        commit(5, put(A, 1, 0, "s1"));
        assertThat(waiting).isNotDone();
        commit(8, put(B, 1, 0, "s1"));
        assertThat(waiting).isCompleted();
        assertThat(view.reached(7)).isCompleted();
    }

    @Test
    void lost_inTheMiddleOfABatch_endsTheBatchForTheListeners() {
        List<String> heard = new ArrayList<>();
        Applier last = listening(() -> heard.add("complete"));
        last.commit(new Commit(5, List.of(put(A, 1, 0, "s1"))));
        assertThat(heard).isEmpty();
        last.lost(new IllegalStateException("gone"));
        assertThat(heard).containsExactly("complete");
        assertThat(lost).hasSize(1);
    }

    @Test
    void lost_alsoToAListenerThatFails_isSaid() {
        Applier last = listening(() -> {
            throw new IllegalStateException("a listener's fault");
        });
        assertThatThrownBy(() -> last.lost(new IllegalStateException("gone"))).hasMessage("a listener's fault");
        assertThat(lost).hasSize(1);
        assertThat(view.freshness()).isEqualTo(Freshness.LOST);
    }

    private Applier listening(Runnable batchComplete) {
        CommitListener listener = new CommitListener() {
            @Override
            public void applied(AppliedCommit commit) {
                told.add(commit);
            }

            @Override
            public void batchComplete() {
                batchComplete.run();
            }
        };
        return new Applier(view, List.of(listener), lost::add);
    }

    @Test
    void lost_source_makesTheViewStaleAndKeepsWhatItKnew() {
        commit(5, put(A, 1, 0, "s1"));
        applier.caughtUp();
        assertThat(view.freshness()).isEqualTo(Freshness.CURRENT);
        applier.compacted(9);
        assertThat(view.freshness()).isEqualTo(Freshness.LOST);
        assertThat(lost)
                .singleElement()
                .satisfies(why -> assertThat(why.kind()).isEqualTo(StoreException.Kind.COMPACTED));
        assertThat(view.instanceCount("shop", "orders")).isEqualTo(1);
    }
}
