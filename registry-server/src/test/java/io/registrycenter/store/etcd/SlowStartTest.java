package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.etcd.FakeEtcd.Call;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.ResponseOp;
import io.registrycenter.store.etcd.wire.StatusRequest;
import io.registrycenter.store.etcd.wire.StatusResponse;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An etcd that takes longer for its first answer than a request may, and one that is not there. */
class SlowStartTest {

    /** Shorter than a setting may be: the tests wait for it. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(200);

    private static final long DEADLINE_S = 20;

    @Test
    void firstRequestsUnanswered_isOpenedAllTheSame() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                var thread = Executors.newSingleThreadExecutor()) {
            CompletableFuture<Store> opened = CompletableFuture.supplyAsync(
                    () -> EtcdStore.open(FakeEtcd.settings(REQUEST_TIMEOUT, "", etcd)), thread);
            // Nobody answers these: their time is over when the next one comes.
            FakeEtcd.next(etcd.statuses);
            FakeEtcd.next(etcd.statuses);
            Call<StatusRequest, StatusResponse> status = FakeEtcd.next(etcd.statuses);
            status.answer()
                    .onNext(StatusResponse.newBuilder().setVersion("3.5.28").build());
            status.answer().onCompleted();
            Call<TxnRequest, TxnResponse> begin = FakeEtcd.next(etcd.transactions);
            begin.answer().onNext(begun("epoch-1"));
            begin.answer().onCompleted();
            try (Store store = opened.get(DEADLINE_S, TimeUnit.SECONDS)) {
                assertThat(store.epoch()).isEqualTo("epoch-1");
            }
        }
    }

    private static TxnResponse begun(String epoch) {
        TxnResponse.Builder response = TxnResponse.newBuilder()
                .setSucceeded(true)
                .setHeader(FakeEtcd.at(7))
                .addResponses(ResponseOp.getDefaultInstance());
        response.addResponses(ResponseOp.newBuilder()
                .setResponseRange(RangeResponse.newBuilder()
                        .addKvs(KeyValue.newBuilder()
                                .setValue(ByteString.copyFromUtf8(epoch))
                                .setCreateRevision(7)
                                .setModRevision(7))));
        for (int i = 0; i < 2; i++) {
            response.addResponses(ResponseOp.newBuilder().setResponseRange(RangeResponse.getDefaultInstance()));
        }
        return response.build();
    }

    @Test
    void nobodyListens_failsAndNamesTheEndpoints() {
        EtcdSettings gone;
        try (FakeEtcd one = new FakeEtcd();
                FakeEtcd two = new FakeEtcd()) {
            gone = FakeEtcd.settings(REQUEST_TIMEOUT, "", one, two);
        }
        assertThatThrownBy(() -> EtcdStore.open(gone, false, REQUEST_TIMEOUT))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE))
                .hasMessageContaining(gone.endpoints().toString())
                .hasMessageContaining("registry.etcd.endpoints");
    }
}
