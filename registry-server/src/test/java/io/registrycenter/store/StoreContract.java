package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.StoreModel.Step;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@link Store} promises, on every engine. */
public abstract class StoreContract {

    private static final long DEADLINE_S = 20;

    protected static final RecordKey A = new RecordKey.OfSession("a");
    protected static final RecordKey B = new RecordKey.OfSession("b");

    /** A new, empty store; the test closes it. */
    protected abstract Store fresh();

    /** How many commits stand for a load: fewer where each is a round among several machines. */
    protected int load(int commits) {
        return commits;
    }

    @Test
    void head_emptyStore_isZero() {
        try (Store store = fresh()) {
            assertThat(store.head()).isZero();
            assertThat(store.floor()).isZero();
            assertThat(store.read(0)).isEmpty();
            assertThat(store.historyBytes()).isZero();
            assertThat(store.epoch()).isNotEmpty().hasSizeLessThanOrEqualTo(64);
        }
    }

    @Test
    void commit_oneAfterTheOther_revisionsGrow() {
        try (Store store = fresh()) {
            long first = put(store, A, "1");
            long second = put(store, A, "2");
            assertThat(first).isPositive();
            assertThat(second).isGreaterThan(first);
            assertThat(store.head()).isEqualTo(second);
            assertThat(store.historyBytes()).isPositive();
        }
    }

    @Test
    void commit_guardHolds_isCommitted() {
        try (Store store = fresh()) {
            long created = committed(commit(store, List.of(Guard.absent(A)), put(A, "1")));
            long changed = committed(commit(store, List.of(new Guard(A, created)), put(A, "2")));
            assertThat(store.read(changed)).containsExactly(new StoredRecord(A, changed, value("2")));
        }
    }

    @Test
    void commit_guardBroken_changesNothingAndShowsWhatIs() {
        try (Store store = fresh()) {
            long revision = put(store, A, "1");
            Outcome outcome = commit(store, List.of(Guard.absent(A), Guard.absent(B)), put(B, "2"));
            assertThat(outcome).isInstanceOfSatisfying(Outcome.Conflict.class, conflict -> {
                assertThat(conflict.current()).containsOnlyKeys(A, B);
                assertThat(conflict.current().get(A)).isEqualTo(new StoredRecord(A, revision, value("1")));
                assertThat(conflict.current().get(B)).isNull();
            });
            assertThat(store.head()).isEqualTo(revision);
            assertThat(store.read(revision)).hasSize(1);
        }
    }

    @Test
    void commit_guardBroken_isJudgedAgainByWhatIs() {
        try (Store store = fresh()) {
            long revision = put(store, A, "1");
            Outcome outcome = get(store.commit(
                    new Transaction(List.of(Guard.absent(A)), List.of(put(A, "2"))),
                    current -> new Transaction(
                            List.of(new Guard(
                                    A, Objects.requireNonNull(current.get(A)).revision())),
                            List.of(put(A, "3")))));
            long changed = committed(outcome);
            assertThat(changed).isGreaterThan(revision);
            assertThat(store.read(changed)).containsExactly(new StoredRecord(A, changed, value("3")));
        }
    }

    @Test
    void commit_judgementThatThrows_failsAloneWithWhatItThrew() {
        try (Store store = fresh()) {
            put(store, A, "1");
            CompletableFuture<Outcome> failed =
                    store.commit(new Transaction(List.of(Guard.absent(A)), List.of(put(A, "2"))), current -> {
                        throw new IllegalStateException("no judgement");
                    });
            assertThatThrownBy(failed::join).hasRootCauseMessage("no judgement");
            assertThat(committed(commit(store, List.of(), put(B, "1")))).isPositive();
        }
    }

    @Test
    void commit_notWantedAnyMore_failsAndChangesNothing() {
        try (Store store = fresh()) {
            long head = put(store, B, "1");
            CompletableFuture<Outcome> unwanted =
                    store.commit(new Transaction(List.of(), List.of(put(A, "1"))), new Judgement() {
                        @Override
                        public @Nullable Transaction again(Map<RecordKey, @Nullable StoredRecord> current) {
                            throw new AssertionError("judged");
                        }

                        @Override
                        public boolean wanted() {
                            return false;
                        }
                    });
            assertThatThrownBy(unwanted::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNWANTED));
            long next = committed(commit(store, List.of(Guard.absent(A)), put(A, "2")));
            assertThat(next).isGreaterThan(head);
        }
    }

    @Test
    void commit_manyJudgedAgainOnOneRecord_allGetThrough() {
        try (Store store = fresh()) {
            put(store, A, "0");
            List<CompletableFuture<Outcome>> answers = new ArrayList<>();
            for (int i = 0; i < load(500); i++) {
                Mutation mine = put(A, "v" + i);
                answers.add(store.commit(
                        new Transaction(List.of(Guard.absent(A)), List.of(mine)),
                        current -> new Transaction(
                                List.of(new Guard(
                                        A,
                                        Objects.requireNonNull(current.get(A)).revision())),
                                List.of(mine))));
            }
            assertThat(answers.stream().map(StoreContract::get).map(StoreContract::committed))
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void commit_deleted_isAbsentAgain() {
        try (Store store = fresh()) {
            put(store, A, "1");
            long deleted = committed(commit(store, List.of(), new Mutation(A, null)));
            assertThat(store.read(deleted)).isEmpty();
            assertThat(commit(store, List.of(Guard.absent(A)), put(A, "2"))).isInstanceOf(Outcome.Committed.class);
        }
    }

    @Test
    void commit_withoutMutations_onlyAsksTheGuards() {
        try (Store store = fresh()) {
            assertThat(committed(commit(store, List.of(Guard.absent(A))))).isZero();
            long revision = put(store, A, "1");
            assertThat(committed(commit(store, List.of(new Guard(A, revision)))))
                    .isEqualTo(revision);
            assertThat(commit(store, List.of(Guard.absent(A)))).isInstanceOf(Outcome.Conflict.class);
            assertThat(store.head()).isEqualTo(revision);
        }
    }

    @Test
    void commit_manyAtOnceWithTheSameGuard_onlyOneIsCommitted() {
        try (Store store = fresh()) {
            long revision = put(store, A, "0");
            List<CompletableFuture<Outcome>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(store.commit(
                        new Transaction(List.of(new Guard(A, revision)), List.of(put(A, "v" + i), put(B, "v" + i)))));
            }
            List<Outcome> outcomes = answers.stream().map(StoreContract::get).toList();
            List<Outcome> committed = outcomes.stream()
                    .filter(Outcome.Committed.class::isInstance)
                    .toList();
            assertThat(committed).hasSize(1);
            int winner = outcomes.indexOf(committed.getFirst());
            long at = ((Outcome.Committed) committed.getFirst()).revision();
            assertThat(store.read(store.head()))
                    .containsExactlyInAnyOrder(
                            new StoredRecord(A, at, value("v" + winner)), new StoredRecord(B, at, value("v" + winner)));
        }
    }

    @Test
    void read_olderRevision_isTheStateOfThen() {
        try (Store store = fresh()) {
            long first = put(store, A, "1");
            long second = put(store, B, "2");
            long third = put(store, A, "3");
            assertThat(store.read(first)).containsExactly(new StoredRecord(A, first, value("1")));
            assertThat(store.read(second))
                    .containsExactlyInAnyOrder(
                            new StoredRecord(A, first, value("1")), new StoredRecord(B, second, value("2")));
            assertThat(store.read(third))
                    .containsExactlyInAnyOrder(
                            new StoredRecord(A, third, value("3")), new StoredRecord(B, second, value("2")));
            assertThatThrownBy(() -> store.read(third + 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void compact_upToARevision_olderOnesAreGoneNewerOnesStay() {
        try (Store store = fresh()) {
            long first = put(store, A, "1");
            long second = put(store, B, "2");
            long third = committed(commit(store, List.of(), new Mutation(A, null)));
            long floor = get(store.compact(second));
            assertThat(floor).isEqualTo(second).isEqualTo(store.floor());
            assertThatThrownBy(() -> store.read(first))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.COMPACTED));
            assertThat(store.read(second)).hasSize(2);
            assertThat(store.read(third)).containsExactly(new StoredRecord(B, second, value("2")));

            RecordingFollower late = new RecordingFollower();
            store.follow(first, late);
            assertThat(late.compactedTo()).isEqualTo(second);
            assertThat(late.commits()).isEmpty();

            RecordingFollower atTheFloor = new RecordingFollower();
            store.follow(second, atTheFloor);
            assertThat(atTheFloor.upTo(third)).containsExactly(new Commit(third, List.of(new Mutation(A, null))));
        }
    }

    @Test
    void compact_beyondTheHeadOrBelowTheFloor_staysInside() {
        try (Store store = fresh()) {
            long head = put(store, A, "1");
            assertThat(get(store.compact(head + 100))).isEqualTo(head);
            assertThat(get(store.compact(0))).isEqualTo(head);
            assertThat(store.historyBytes()).isZero();
            assertThat(store.read(head)).hasSize(1);
            assertThat(put(store, A, "2")).isGreaterThan(head);
        }
    }

    @Test
    void follow_fromAnyRevision_everyCommitWholeInOrderOnce() {
        try (Store store = fresh()) {
            List<Commit> expected = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                List<Mutation> mutations = List.of(put(A, "a" + i), put(B, "b" + i));
                long revision = committed(get(store.commit(new Transaction(List.of(), mutations))));
                expected.add(new Commit(revision, mutations));
            }
            long head = store.head();
            for (int i = 0; i < expected.size() - 1; i++) {
                RecordingFollower follower = new RecordingFollower();
                try (Store.Following following =
                        store.follow(i == 0 ? 0 : expected.get(i - 1).revision(), follower)) {
                    assertThat(following).isNotNull();
                    assertThat(follower.upTo(head)).isEqualTo(expected.subList(i, expected.size()));
                }
            }
        }
    }

    @Test
    void follow_whileManyCommit_everyCommitInOrderOnce() throws InterruptedException {
        try (Store store = fresh()) {
            RecordingFollower early = new RecordingFollower();
            store.follow(0, early);
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < 3; w++) {
                RecordKey key = new RecordKey.OfSession("w" + w);
                writers.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 300; i++) {
                        put(store, key, "v" + i);
                    }
                }));
            }
            RecordingFollower middle = new RecordingFollower();
            store.follow(0, middle);
            for (Thread writer : writers) {
                writer.join(TimeUnit.SECONDS.toMillis(DEADLINE_S));
            }
            long head = store.head();
            List<Commit> all = early.upTo(head);
            assertThat(all).isSortedAccordingTo((a, b) -> Long.compare(a.revision(), b.revision()));
            assertThat(all.stream().map(Commit::revision)).doesNotHaveDuplicates();
            assertThat(all.stream()
                            .mapToInt(commit -> commit.mutations().size())
                            .sum())
                    .as("a revision may be shared, a mutation is told once")
                    .isEqualTo(900);
            assertThat(middle.upTo(head)).isEqualTo(all);
        }
    }

    @Test
    void follow_afterCompactionAboveIt_goesOn() {
        try (Store store = fresh()) {
            RecordingFollower follower = new RecordingFollower();
            store.follow(0, follower);
            long first = put(store, A, "1");
            follower.upTo(first);
            get(store.compact(first));
            long second = put(store, A, "2");
            assertThat(follower.upTo(second)).extracting(Commit::revision).containsExactly(first, second);
        }
    }

    @Test
    void follow_followerThrows_isToldSo_andCanFollowAnewFromTheNewestState() {
        try (Store store = fresh()) {
            long first = put(store, A, "1");
            CompletableFuture<Throwable> failed = new CompletableFuture<>();
            store.follow(0, new Follower() {
                @Override
                public void commit(Commit commit) {
                    throw new IllegalStateException("cannot take it");
                }

                @Override
                public void compacted(long floor) {
                    failed.completeExceptionally(new AssertionError("compacted"));
                }

                @Override
                public void failed(Throwable cause) {
                    failed.complete(cause);
                }

                @Override
                public void lost(Throwable cause) {
                    failed.completeExceptionally(new AssertionError("lost", cause));
                }
            });
            assertThat(get(failed)).hasMessage("cannot take it");
            StoreState newest = store.readNewest();
            assertThat(newest.revision()).isGreaterThanOrEqualTo(first);
            assertThat(newest.records()).containsExactly(new StoredRecord(A, first, value("1")));
            RecordingFollower again = new RecordingFollower();
            store.follow(newest.revision(), again);
            long second = put(store, B, "2");
            assertThat(again.upTo(second)).extracting(Commit::revision).containsExactly(second);
        }
    }

    @Test
    void followingClose_whileDelivering_noCallAfterIt() throws InterruptedException {
        try (Store store = fresh()) {
            AtomicReference<String> late = new AtomicReference<>("none");
            CountDownLatch called = new CountDownLatch(1);
            AtomicReference<Boolean> closed = new AtomicReference<>(false);
            Store.Following following = store.follow(0, new Follower() {
                @Override
                public void commit(Commit commit) {
                    if (closed.get()) {
                        late.set("commit " + commit.revision());
                    }
                    called.countDown();
                }

                @Override
                public void compacted(long floor) {
                    late.set("compacted");
                }

                @Override
                public void lost(Throwable cause) {
                    late.set("lost");
                }
            });
            Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200; i++) {
                    put(store, A, "v" + i);
                }
            });
            assertThat(called.await(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
            following.close();
            closed.set(true);
            writer.join(TimeUnit.SECONDS.toMillis(DEADLINE_S));
            RecordingFollower other = new RecordingFollower();
            store.follow(0, other);
            other.upTo(store.head());
            assertThat(late.get()).isEqualTo("none");
        }
    }

    @Test
    void followingClose_byTheFollowerItself_returns() {
        try (Store store = fresh()) {
            AtomicReference<Store.Following> following = new AtomicReference<>();
            CompletableFuture<Long> closedAt = new CompletableFuture<>();
            RecordingFollower seen = new RecordingFollower();
            following.set(store.follow(0, new Follower() {
                @Override
                public void commit(Commit commit) {
                    seen.commit(commit);
                    following.get().close();
                    closedAt.complete(commit.revision());
                }

                @Override
                public void compacted(long floor) {
                    seen.compacted(floor);
                }

                @Override
                public void lost(Throwable cause) {
                    seen.lost(cause);
                }
            }));
            long first = put(store, A, "1");
            assertThat(get(closedAt)).isEqualTo(first);
            long second = put(store, A, "2");
            RecordingFollower other = new RecordingFollower();
            store.follow(0, other);
            other.upTo(second);
            assertThat(seen.commits()).hasSize(1);
        }
    }

    @Test
    void close_underLoad_everyFutureIsAnswered() {
        Store store = fresh();
        RecordingFollower follower = new RecordingFollower();
        store.follow(0, follower);
        List<CompletableFuture<Outcome>> answers = new ArrayList<>();
        for (int i = 0; i < load(2_000); i++) {
            answers.add(store.commit(new Transaction(List.of(), List.of(put(A, "v" + i)))));
        }
        store.close();
        store.close();
        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(answers).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(kind(store.commit(new Transaction(List.of(), List.of(put(A, "late"))))))
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
        assertThat(follower.lost()).isInstanceOf(StoreException.class);
        assertThat(follower.commits()).hasSize(load(2_000));
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        return StoreModel.histories();
    }

    @Property(tries = 25)
    void any_history_is_what_a_simple_model_says(@ForAll("histories") List<Step> steps) {
        try (Store store = fresh()) {
            StoreModel model = new StoreModel();
            RecordingFollower follower = new RecordingFollower();
            store.follow(0, follower);
            for (int i = 0; i < steps.size(); i++) {
                switch (steps.get(i)) {
                    case Step.Write write -> model.write(store, write, "v" + i);
                    case Step.Compact compact -> {
                        long target = model.revisionBack(compact.back());
                        // A follower that stands below the new floor may be told so instead.
                        if (model.head() > 0) {
                            follower.upTo(model.head());
                        }
                        assertThat(get(store.compact(target))).isLessThanOrEqualTo(Math.max(target, model.floor()));
                        model.compacted(store.floor());
                    }
                    case Step.Read read -> {
                        long revision = model.revisionBack(read.back());
                        if (revision >= model.floor()) {
                            assertThat(store.read(revision)).containsExactlyInAnyOrderElementsOf(model.at(revision));
                        }
                    }
                }
            }
            assertThat(store.head()).isEqualTo(model.head());
            if (model.head() > 0) {
                assertThat(follower.upTo(model.head())).isEqualTo(model.commits());
            }
        }
    }

    /**
     * The marks by which a cursor is told from one of a history that was thrown away: every server makes them by itself, from
     * whatever revision it begins to read at.
     */
    @Test
    void marks_ofEveryRevision_areTheSameWhereverTheReadingBegins() {
        try (Store store = fresh()) {
            List<Long> revisions = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                revisions.add(committed(commit(store, List.of(), instance("i" + i % 5, i))));
                revisions.add(committed(commit(store, List.of(), put(key("i" + i % 4), "gone"))));
                if (i % 3 == 0) {
                    revisions.add(committed(commit(store, List.of(), new Mutation(key("i" + i % 4), null))));
                }
            }
            Map<Long, Long> marks = marks(store, 0, revisions);
            assertThat(marks).doesNotContainValue(Cursor.NO_MARK);
            long later = revisions.get(revisions.size() / 2);
            get(store.compact(later));
            for (long from : List.of(later, revisions.get(revisions.size() / 2 + 3), store.head())) {
                List<Long> since =
                        revisions.stream().filter(revision -> revision >= from).toList();
                assertThat(marks).containsAllEntriesOf(marks(store, from, since));
            }
        }
    }

    /** As a server has them that reads the state at one revision and follows from there. */
    private static Map<Long, Long> marks(Store store, long from, List<Long> revisions) {
        View view = new View(store.epoch());
        Applier applier = new Applier(view, List.of(), lost -> {});
        applier.load(store.read(from), from);
        try (Store.Following following = store.follow(from, applier)) {
            assertThat(following).isNotNull();
            get(view.reached(store.head()));
        }
        Map<Long, Long> marks = new HashMap<>();
        revisions.forEach(revision -> marks.put(revision, view.cursor(revision).mark()));
        return marks;
    }

    private static RecordKey key(String id) {
        return new RecordKey.OfInstance(new InstanceKey("shop", "orders", id));
    }

    private static Mutation instance(String id, int weight) {
        Instance instance = new Instance("orders", id, List.of(), "", weight, Map.of(), InstanceStatus.UP, 0, 0);
        return new Mutation(key(id), new RecordValue.InstanceRecord(instance, "s", ""));
    }

    protected static RecordValue value(String text) {
        return new RecordValue.Tombstone(RemovalReason.ADMIN, text, "");
    }

    protected static Mutation put(RecordKey key, String text) {
        return new Mutation(key, value(text));
    }

    protected static long put(Store store, RecordKey key, String text) {
        return committed(get(store.commit(new Transaction(List.of(), List.of(put(key, text))))));
    }

    protected static Outcome commit(Store store, List<Guard> guards, Mutation... mutations) {
        return get(store.commit(new Transaction(guards, List.of(mutations))));
    }

    protected static long committed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
        return ((Outcome.Committed) outcome).revision();
    }

    protected static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
    }

    protected static StoreException.Kind kind(CompletableFuture<?> failed) {
        try {
            get(failed);
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreException refused) {
                return refused.kind();
            }
            throw e;
        }
        throw new AssertionError("it did not fail");
    }
}
