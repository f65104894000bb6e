package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.StreamObserver;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.wire.PutResponse;
import io.registrycenter.store.etcd.wire.ResponseHeader;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What proves that etcd lost history: a committed write below what was known, by revision or by raft term. */
final class TickerTest {

    private static final long DEADLINE_S = 20;

    private final FakeEtcd etcd = new FakeEtcd();
    private final List<StoreException> lost = new CopyOnWriteArrayList<>();
    private final Heads heads = new Heads(1, 0, 100);

    private long tick(Ticker ticker, long revision, long term) {
        etcd.nextPut = answer -> answer(answer, revision, term);
        return ticker.tick().orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
    }

    private static void answer(StreamObserver<PutResponse> answer, long revision, long term) {
        answer.onNext(PutResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(revision).setRaftTerm(term))
                .build());
        answer.onCompleted();
    }

    /** It is told on the thread of the answer, a moment after who asked. */
    private void awaitLost(int times) {
        Awaitility.await().atMost(DEADLINE_S, TimeUnit.SECONDS).until(() -> lost.size() == times);
    }

    @Test
    void revisionThatWentBack_orTermThatWentBack_isProof_andNothingElseIs() {
        try (etcd;
                Connections connections =
                        new Connections(EtcdSettings.plain(List.of(etcd.endpoint()), "/t/"), "test")) {
            Ticker ticker = new Ticker(connections.calls, connections.keys, heads, System::nanoTime, "test", lost::add);
            assertThat(tick(ticker, 101, 3)).isEqualTo(101);
            assertThat(tick(ticker, 102, 5)).isEqualTo(102);
            assertThat(tick(ticker, 1_000_000_103, 5)).isEqualTo(1_000_000_103);
            assertThat(lost).isEmpty();

            assertThatThrownBy(() -> tick(ticker, 2_000_000_000, 2))
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContainingAll("from raft term 5 to 2", "registry.store.new-epoch=true");
            awaitLost(1);
            assertThatThrownBy(() -> tick(ticker, 102, 5))
                    .hasMessageContainingAll("from revision", "to 102", "registry.store.new-epoch=true");
            awaitLost(2);
        }
    }
}
