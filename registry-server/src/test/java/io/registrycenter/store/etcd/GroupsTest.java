package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.FakeEtcd.Call;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.ResponseOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commits that wait for etcd go together, and each has its own outcome. */
final class GroupsTest {

    private static final RecordValue VALUE = new RecordValue.Tombstone(RemovalReason.ADMIN, "mine", "");
    private static final int ALONE = 2;

    private final FakeEtcd etcd = new FakeEtcd();
    private final Connections connections = new Connections(FakeEtcd.settings("", etcd), "mark");
    private final Heads heads = new Heads(1, 0, 7);
    private final Committer committer =
            new Committer(connections.calls, connections.keys, heads, "mark", 1 << 20, lost -> {});
    private final List<Call<TxnRequest, TxnResponse>> first = new ArrayList<>();

    @AfterEach
    void close() {
        connections.close();
        etcd.close();
    }

    private static RecordKey key(String name) {
        return new RecordKey.OfSession(name);
    }

    private static Transaction change(String name) {
        return new Transaction(List.of(new Guard(key(name), 7)), List.of(new Mutation(key(name), VALUE)));
    }

    private CompletableFuture<Outcome> commit(Transaction transaction) {
        return committer.commit(transaction, Judgement.LEAVE_IT);
    }

    /** So many are under way that what comes next has to wait. */
    private void busy() throws InterruptedException {
        for (int i = 0; i < ALONE; i++) {
            var unused = commit(change("alone-" + i));
            first.add(FakeEtcd.next(etcd.transactions));
        }
    }

    private Call<TxnRequest, TxnResponse> afterTheFirst() throws InterruptedException {
        answer(first.getFirst(), written(8));
        return FakeEtcd.next(etcd.transactions);
    }

    private static void answer(Call<TxnRequest, TxnResponse> call, TxnResponse response) {
        call.answer().onNext(response);
        call.answer().onCompleted();
    }

    private static TxnResponse written(long revision) {
        return TxnResponse.newBuilder()
                .setSucceeded(true)
                .setHeader(FakeEtcd.at(revision))
                .build();
    }

    private static TxnResponse together(long revision, TxnResponse... each) {
        TxnResponse.Builder response = written(revision).toBuilder();
        for (TxnResponse own : each) {
            response.addResponses(ResponseOp.newBuilder().setResponseTxn(own));
        }
        return response.build();
    }

    private static TxnResponse held() {
        return TxnResponse.newBuilder().setSucceeded(true).build();
    }

    private static TxnResponse broken(String name, long revision) {
        return TxnResponse.newBuilder()
                .addResponses(ResponseOp.newBuilder()
                        .setResponseRange(RangeResponse.newBuilder()
                                .addKvs(KeyValue.newBuilder()
                                        .setKey(ByteString.copyFromUtf8("/t/s/" + name))
                                        .setValue(Values.encode(VALUE, "other-1"))
                                        .setModRevision(revision))))
                .build();
    }

    private static Outcome get(CompletableFuture<Outcome> answer) {
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void commitsThatWait_goTogether_eachWithItsOwnOutcome() throws InterruptedException {
        busy();
        CompletableFuture<Outcome> a = commit(change("a"));
        CompletableFuture<Outcome> b = commit(change("b"));
        CompletableFuture<Outcome> c = commit(change("c"));
        Call<TxnRequest, TxnResponse> group = afterTheFirst();
        assertThat(group.request().getCompareCount()).isZero();
        assertThat(group.request().getSuccessList())
                .extracting(op -> op.getRequestTxn().getCompare(0).getKey().toStringUtf8())
                .containsExactly("/t/s/a", "/t/s/b", "/t/s/c");
        answer(group, together(9, held(), broken("b", 8), held()));
        assertThat(get(a)).isEqualTo(new Outcome.Committed(9));
        assertThat(get(b)).isEqualTo(new Outcome.Conflict(Map.of(key("b"), new StoredRecord(key("b"), 8, VALUE))));
        assertThat(get(c)).isEqualTo(new Outcome.Committed(9));
        assertThat(heads.writes()).as("revisions, not commits").isEqualTo(2);
    }

    @Test
    void aGroupWithoutAnAnswer_eachIsTriedByItself() throws InterruptedException {
        busy();
        CompletableFuture<Outcome> a = commit(change("a"));
        CompletableFuture<Outcome> b = commit(change("b"));
        Call<TxnRequest, TxnResponse> group = afterTheFirst();
        group.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        eachAlone(group, List.of(a, b));
    }

    @Test
    void aGroupThatIsRefused_eachIsTriedByItself_andTheNextAreSmaller() throws InterruptedException {
        busy();
        CompletableFuture<Outcome> a = commit(change("a"));
        CompletableFuture<Outcome> b = commit(change("b"));
        Call<TxnRequest, TxnResponse> group = afterTheFirst();
        group.answer()
                .onError(Status.INVALID_ARGUMENT
                        .withDescription("etcdserver: too many operations in txn request")
                        .asRuntimeException());
        eachAlone(group, List.of(a, b));
        // One request has ended without another that waits: one more goes by itself before the others wait.
        var unused = commit(change("alone"));
        FakeEtcd.next(etcd.transactions);
        CompletableFuture<Outcome> c = commit(change("c"));
        CompletableFuture<Outcome> d = commit(change("d"));
        answer(first.get(1), written(12));
        Call<TxnRequest, TxnResponse> smaller = FakeEtcd.next(etcd.transactions);
        assertThat(smaller.request().getCompareCount()).as("one by itself").isOne();
        answer(smaller, written(13));
        answer(FakeEtcd.next(etcd.transactions), written(14));
        assertThat(List.of(get(c), get(d))).containsExactly(new Outcome.Committed(13), new Outcome.Committed(14));
    }

    private void eachAlone(Call<TxnRequest, TxnResponse> group, List<CompletableFuture<Outcome>> answers)
            throws InterruptedException {
        List<TxnRequest> alone = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Call<TxnRequest, TxnResponse> call = FakeEtcd.next(etcd.transactions);
            alone.add(call.request());
            answer(call, written(9));
        }
        assertThat(alone)
                .containsExactlyInAnyOrderElementsOf(group.request().getSuccessList().stream()
                        .map(op -> op.getRequestTxn())
                        .toList());
        assertThat(answers).allSatisfy(answer -> assertThat(get(answer)).isEqualTo(new Outcome.Committed(9)));
    }

    @Test
    void theCallThatSentAGroup_takesItsOwnContextAlongAndNotTheGroup() throws InterruptedException {
        try (Context.CancellableContext caller = Context.current().withCancellation()) {
            CompletableFuture<Outcome> a = caller.call(() -> commit(change("a")));
            Call<TxnRequest, TxnResponse> call = FakeEtcd.next(etcd.transactions);
            caller.cancel(null);
            answer(call, written(9));
            assertThat(get(a)).isEqualTo(new Outcome.Committed(9));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertThat(etcd.transactions).as("tried again").isEmpty();
    }

    @Test
    void aJudgementThatFails_keepsNobodyElseFromItsAnswer() throws InterruptedException {
        busy();
        AssertionError fault = new AssertionError("a fault of the caller's");
        CompletableFuture<Outcome> a = committer.commit(change("a"), current -> {
            throw fault;
        });
        CompletableFuture<Outcome> b = commit(change("b"));
        answer(afterTheFirst(), together(9, broken("a", 8), held()));
        assertThat(get(b)).isEqualTo(new Outcome.Committed(9));
        assertThat(a).failsWithin(10, TimeUnit.SECONDS).withThrowableThat().withCause(fault);
    }

    @Test
    void twoThatWriteOneKey_doNotMeet() throws InterruptedException {
        busy();
        CompletableFuture<Outcome> a = commit(deletingUnseen("a", "x"));
        CompletableFuture<Outcome> b = commit(deletingUnseen("b", "y"));
        Call<TxnRequest, TxnResponse> one = afterTheFirst();
        assertThat(one.request().getCompareCount())
                .as("both would say what was absent")
                .isEqualTo(2);
        answer(one, written(9));
        answer(FakeEtcd.next(etcd.transactions), written(10));
        assertThat(List.of(get(a), get(b))).containsExactly(new Outcome.Committed(9), new Outcome.Committed(10));
    }

    private static Transaction deletingUnseen(String name, String unseen) {
        return new Transaction(
                List.of(new Guard(key(name), 7), new Guard(key(unseen), 0)),
                List.of(new Mutation(key(name), VALUE), new Mutation(key(unseen), null)));
    }

    @Test
    void oneWithManyGuards_takesNoMoreThanEtcdAllows() throws InterruptedException {
        busy();
        List<Guard> guards = new ArrayList<>();
        guards.add(new Guard(key("large"), 7));
        for (int i = 0; i < 101; i++) {
            guards.add(new Guard(key("guarded-" + i), 7));
        }
        for (int i = 0; i < 30; i++) {
            var unused = commit(change("small-" + i));
        }
        var unused = commit(new Transaction(guards, List.of(new Mutation(key("large"), VALUE))));
        Call<TxnRequest, TxnResponse> group = afterTheFirst();
        assertThat(group.request().getSuccessCount())
                .as("the large one does not fit")
                .isEqualTo(30);
        answer(first.get(1), written(9));
        assertThat(FakeEtcd.next(etcd.transactions).request().getCompareCount()).isEqualTo(102);
    }

    @Test
    void oneThatWritesWhatItDoesNotGuard_goesAlone() throws InterruptedException {
        busy();
        var unused = commit(new Transaction(
                List.of(new Guard(key("a"), 7)),
                List.of(new Mutation(key("a"), VALUE), new Mutation(key("b"), VALUE))));
        assertThat(FakeEtcd.next(etcd.transactions).request().getSuccessCount()).isEqualTo(2);
    }

    @Test
    void oneThatIsNotWantedAnyMore_isLeftOut() throws InterruptedException {
        busy();
        AtomicBoolean wanted = new AtomicBoolean(true);
        CompletableFuture<Outcome> a = commit(change("a"));
        CompletableFuture<Outcome> b = committer.commit(change("b"), new Judgement() {
            @Override
            public @Nullable Transaction again(Map<RecordKey, @Nullable StoredRecord> current) {
                return null;
            }

            @Override
            public boolean wanted() {
                return wanted.get();
            }
        });
        wanted.set(false);
        Call<TxnRequest, TxnResponse> group = afterTheFirst();
        assertThat(group.request().getCompareCount()).isOne();
        answer(group, written(9));
        assertThat(get(a)).isEqualTo(new Outcome.Committed(9));
        assertThat(b)
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        StoreException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(StoreException.Kind.UNWANTED));
    }
}
