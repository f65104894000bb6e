package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.FakeEtcd.Call;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.ResponseOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a commit whose answer is lost. */
final class CommitCallTest {

    private static final RecordKey A = new RecordKey.OfSession("a");
    private static final RecordValue VALUE = new RecordValue.Tombstone(RemovalReason.ADMIN, "mine", "");
    private static final Transaction GUARDED =
            new Transaction(List.of(new Guard(A, 7)), List.of(new Mutation(A, VALUE)));

    private final FakeEtcd etcd = new FakeEtcd();
    private final Connections connections = new Connections(FakeEtcd.settings("", etcd), "mark");
    private final List<StoreException> lost = new CopyOnWriteArrayList<>();
    private final Committer committer =
            new Committer(connections.calls, connections.keys, new Heads(1, 0, 7), "mark", 1 << 20, lost::add);

    @AfterEach
    void close() {
        connections.close();
        etcd.close();
    }

    private Call<TxnRequest, TxnResponse> lostAnswer() throws InterruptedException {
        Call<TxnRequest, TxnResponse> first = FakeEtcd.next(etcd.transactions);
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        Call<TxnRequest, TxnResponse> second = FakeEtcd.next(etcd.transactions);
        assertThat(second.request()).isEqualTo(first.request());
        return second;
    }

    private static void guardsBroken(Call<TxnRequest, TxnResponse> call, KeyValue found) {
        call.answer()
                .onNext(TxnResponse.newBuilder()
                        .addResponses(ResponseOp.newBuilder()
                                .setResponseRange(RangeResponse.newBuilder().addKvs(found)))
                        .build());
        call.answer().onCompleted();
    }

    private static KeyValue written(ByteString value, long revision) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("/t/s/a"))
                .setValue(value)
                .setModRevision(revision)
                .setVersion(3)
                .build();
    }

    private static ByteString ours(Call<TxnRequest, TxnResponse> call) {
        return call.request().getSuccess(0).getRequestPut().getValue();
    }

    private static ByteString others() {
        return Values.encode(VALUE, "other-1");
    }

    private static Outcome get(CompletableFuture<Outcome> answer) {
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void commit_notAboveWhatWasKnown_provesAnotherHistory() throws InterruptedException {
        for (long revision : List.of(8L, 9L, 7L)) {
            CompletableFuture<Outcome> answer = committer.commit(GUARDED, Judgement.LEAVE_IT);
            Call<TxnRequest, TxnResponse> call = FakeEtcd.next(etcd.transactions);
            call.answer()
                    .onNext(TxnResponse.newBuilder()
                            .setSucceeded(true)
                            .setHeader(FakeEtcd.at(revision))
                            .build());
            call.answer().onCompleted();
            assertThat(get(answer)).isEqualTo(new Outcome.Committed(revision));
            assertThat(lost).hasSize(revision < 8 ? 1 : 0);
        }
        assertThat(lost.getFirst())
                .hasMessageContaining("a commit got revision 7")
                .hasMessageContaining("restart every server");
    }

    @Test
    void answerLost_notCarriedOut_isCommittedByTheSecondTry() throws InterruptedException {
        CompletableFuture<Outcome> answer = committer.commit(GUARDED, Judgement.LEAVE_IT);
        Call<TxnRequest, TxnResponse> second = lostAnswer();
        second.answer()
                .onNext(TxnResponse.newBuilder()
                        .setSucceeded(true)
                        .setHeader(FakeEtcd.at(9))
                        .build());
        second.answer().onCompleted();
        assertThat(get(answer)).isEqualTo(new Outcome.Committed(9));
    }

    @Test
    void answerLost_carriedOut_isCommittedAtTheRevisionOfThen() throws InterruptedException {
        CompletableFuture<Outcome> answer = committer.commit(GUARDED, Judgement.LEAVE_IT);
        Call<TxnRequest, TxnResponse> second = lostAnswer();
        guardsBroken(second, written(ours(second), 8));
        assertThat(get(answer)).isEqualTo(new Outcome.Committed(8));
    }

    @Test
    void answerLost_carriedOutAndOverwritten_isFoundInThePast() throws InterruptedException {
        CompletableFuture<Outcome> answer = committer.commit(GUARDED, Judgement.LEAVE_IT);
        Call<TxnRequest, TxnResponse> second = lostAnswer();
        guardsBroken(second, written(others(), 12));
        Call<RangeRequest, RangeResponse> past = FakeEtcd.next(etcd.ranges);
        assertThat(past.request().getRevision()).isEqualTo(11);
        past.answer()
                .onNext(RangeResponse.newBuilder()
                        .addKvs(written(ours(second), 8))
                        .build());
        past.answer().onCompleted();
        assertThat(get(answer)).isEqualTo(new Outcome.Committed(8));
    }

    @Test
    void answerLost_othersCameFirst_isAConflict() throws InterruptedException {
        CompletableFuture<Outcome> answer = committer.commit(GUARDED, Judgement.LEAVE_IT);
        guardsBroken(lostAnswer(), written(others(), 8));
        Call<RangeRequest, RangeResponse> past = FakeEtcd.next(etcd.ranges);
        past.answer()
                .onNext(RangeResponse.newBuilder().addKvs(written(others(), 7)).build());
        past.answer().onCompleted();
        assertThat(get(answer)).isInstanceOf(Outcome.Conflict.class);
    }

    @Test
    void answerLost_withoutAGuardOfItsOwn_isNeverSentTwice() throws InterruptedException {
        CompletableFuture<Outcome> answer =
                committer.commit(new Transaction(List.of(), List.of(new Mutation(A, VALUE))), Judgement.LEAVE_IT);
        FakeEtcd.next(etcd.transactions).answer().onError(Status.UNAVAILABLE.asRuntimeException());
        assertThatThrownBy(() -> get(answer))
                .hasCauseInstanceOf(StoreException.class)
                .hasMessageContaining("not known");
        assertThat(etcd.transactions).isEmpty();
    }

    @Test
    void refusedAsTooMany_isTriedAgain_alsoWithoutAGuard() throws InterruptedException {
        CompletableFuture<Outcome> answer =
                committer.commit(new Transaction(List.of(), List.of(new Mutation(A, VALUE))), Judgement.LEAVE_IT);
        FakeEtcd.next(etcd.transactions).answer().onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
        Call<TxnRequest, TxnResponse> second = FakeEtcd.next(etcd.transactions);
        second.answer()
                .onNext(TxnResponse.newBuilder()
                        .setSucceeded(true)
                        .setHeader(FakeEtcd.at(9))
                        .build());
        second.answer().onCompleted();
        assertThat(get(answer)).isEqualTo(new Outcome.Committed(9));
    }
}
