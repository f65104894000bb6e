package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.registrycenter.store.etcd.FakeEtcd.Call;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.WatchRequest;
import io.registrycenter.store.etcd.wire.WatchResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ends a watch can come to, and what goes on afterwards. */
final class UpstreamTest {

    private static final ByteString KEY = ByteString.copyFromUtf8("/t/s/a");

    private final FakeEtcd etcd = new FakeEtcd();
    private final ExecutorService thread = Connections.serial("test-follow");
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** The newest revision at the end of each batch. */
    private final BlockingQueue<Long> batches = new LinkedBlockingQueue<>();

    private final Upstream.Receiver receiver = new Upstream.Receiver() {

        // Confined to the executor of the watch.
        private long newest;

        @Override
        public void revision(long revision, List<Event> events) {
            told.add(revision + "x" + events.size());
            newest = revision;
        }

        @Override
        public void batchComplete() {
            batches.add(newest);
        }

        @Override
        public void behind(long revision) {
            told.add("behind " + revision);
        }

        @Override
        public void replaced(long revision) {
            told.add("replaced " + revision);
        }

        @Override
        public void compacted(long floor) {
            told.add("compacted " + floor);
        }

        @Override
        public void failed(Throwable fault) {
            told.add("failed " + fault.getMessage());
        }
    };

    private Connections connections = new Connections(FakeEtcd.settings("", etcd), "test");

    @AfterEach
    void close() {
        connections.close();
        thread.shutdown();
        etcd.close();
    }

    private Call<WatchRequest, WatchResponse> begin() throws InterruptedException {
        connections.upstream(thread, 5, receiver).start();
        return reopenedAt(5);
    }

    private Call<WatchRequest, WatchResponse> reopenedAt(long revision) throws InterruptedException {
        Call<WatchRequest, WatchResponse> call = FakeEtcd.next(etcd.watches);
        assertThat(call.request().getCreateRequest().getStartRevision()).isEqualTo(revision);
        assertThat(call.request().getCreateRequest().getFragment()).isTrue();
        assertThat(call.leaderRequired()).isTrue();
        return call;
    }

    private void nextToldIs(String... expected) throws InterruptedException {
        for (String one : expected) {
            assertThat(FakeEtcd.next(told)).isEqualTo(one);
        }
    }

    @Test
    void created_withAHeadFarAhead_doesNotMoveTheCursor() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer()
                .onNext(WatchResponse.newBuilder()
                        .setHeader(FakeEtcd.at(10))
                        .setCreated(true)
                        .build());
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        reopenedAt(5).answer().onNext(FakeEtcd.events(KEY, false, 5, 6));
        nextToldIs("5x1", "6x1");
    }

    @Test
    void streamEnds_inOrder_isOpenedAgainAfterWhatWasDelivered() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 8));
        first.answer().onCompleted();
        reopenedAt(8).answer().onNext(FakeEtcd.events(KEY, false, 8, 9));
        nextToldIs("5x1", "8x1", "9x1");
    }

    @Test
    void streamEnds_whateverTheReason_isOpenedAgain() throws InterruptedException {
        Call<WatchRequest, WatchResponse> call = begin();
        for (Status reason : List.of(
                Status.UNAVAILABLE.withDescription("etcdserver: no leader"),
                Status.RESOURCE_EXHAUSTED,
                Status.CANCELLED,
                Status.UNKNOWN,
                Status.INTERNAL)) {
            call.answer().onError(reason.asRuntimeException());
            call = reopenedAt(5);
        }
        call.answer().onNext(WatchResponse.newBuilder().setCanceled(true).build());
        reopenedAt(5).answer().onNext(FakeEtcd.events(KEY, false, 5));
        nextToldIs("5x1");
    }

    @Test
    void streamEnds_inTheMiddleOfARevision_thatRevisionComesOnceAndWhole() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, true, 5, 6, 6));
        nextToldIs("5x1");
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        Call<WatchRequest, WatchResponse> second = reopenedAt(5);
        second.answer().onNext(FakeEtcd.events(KEY, true, 5, 6, 6));
        second.answer().onNext(FakeEtcd.events(KEY, true, 6));
        second.answer().onNext(FakeEtcd.events(KEY, false, 6, 7));
        nextToldIs("6x4", "7x1");
    }

    @Test
    void answer_withSeveralRevisions_isOneBatch() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 6, 7));
        first.answer().onNext(FakeEtcd.events(KEY, false, 8));
        nextToldIs("5x1", "6x1", "7x1", "8x1");
        assertThat(FakeEtcd.next(batches)).isEqualTo(7);
        assertThat(FakeEtcd.next(batches)).isEqualTo(8);
    }

    @Test
    void memberGoesBackInTime_whatWasDelivered_isDropped() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 6, 7));
        first.answer().onNext(FakeEtcd.events(KEY, false, 6, 7, 8));
        nextToldIs("5x1", "6x1", "7x1", "8x1");
    }

    @Test
    void streamThatGoesOn_andFindsWhatWasDelivered_goesOnForAsLongAsThatIsSo() throws InterruptedException {
        Call<WatchRequest, WatchResponse> call = begin();
        call.answer().onNext(FakeEtcd.events(KEY, false, 5));
        for (long revision = 5; revision < 9; revision++) {
            call.answer().onError(Status.UNAVAILABLE.asRuntimeException());
            call = reopenedAt(revision);
            call.answer().onNext(FakeEtcd.events(KEY, true, revision));
            call.answer().onNext(FakeEtcd.events(KEY, false, revision + 1));
        }
        nextToldIs("5x1", "6x1", "7x1", "8x1", "9x1");
    }

    @Test
    void streamThatGoesOn_andFindsSomethingElse_isOver() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 8));
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        reopenedAt(8).answer().onNext(FakeEtcd.events(ByteString.copyFromUtf8("/t/s/b"), false, 8, 9));
        nextToldIs("5x1", "8x1", "replaced 8");
        assertThat(etcd.watches).isEmpty();
    }

    @Test
    void streamThatGoesOn_andFindsNothingWhereThereWasSomething_isOver() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 8));
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        reopenedAt(8).answer().onNext(FakeEtcd.events(KEY, false, 9));
        nextToldIs("5x1", "8x1", "replaced 8");
    }

    @Test
    void memberBelowWhatWasDelivered_isToldAtOnce_andWaitedFor() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer().onNext(FakeEtcd.events(KEY, false, 5, 8));
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        Call<WatchRequest, WatchResponse> second = reopenedAt(8);
        second.answer()
                .onNext(WatchResponse.newBuilder()
                        .setHeader(FakeEtcd.at(7))
                        .setCreated(true)
                        .build());
        nextToldIs("5x1", "8x1", "behind 8");
        second.answer().onNext(FakeEtcd.events(KEY, false, 8, 9));
        nextToldIs("9x1");
    }

    /** A compaction may take a delete away, so its absence proves nothing. */
    @Test
    void streamThatGoesOnAfterDeletesAlone_beginsBehindThem() throws InterruptedException {
        Call<WatchRequest, WatchResponse> first = begin();
        first.answer()
                .onNext(WatchResponse.newBuilder()
                        .addEvents(Event.newBuilder()
                                .setType(Event.EventType.DELETE)
                                .setKv(KeyValue.newBuilder().setKey(KEY).setModRevision(8)))
                        .build());
        first.answer().onError(Status.UNAVAILABLE.asRuntimeException());
        reopenedAt(9).answer().onNext(FakeEtcd.events(KEY, false, 9));
        nextToldIs("8x1", "9x1");
    }

    @Test
    void compacted_isTheAnswer_andTheEnd() throws InterruptedException {
        begin().answer()
                .onNext(WatchResponse.newBuilder()
                        .setCanceled(true)
                        .setCompactRevision(40)
                        .build());
        nextToldIs("compacted 40");
        assertThat(etcd.watches).isEmpty();
    }

    @Test
    void memberFails_theNextOneIsAsked() throws InterruptedException {
        connections.close();
        try (FakeEtcd other = new FakeEtcd()) {
            connections = new Connections(FakeEtcd.settings("", etcd, other), "\0");
            connections.upstream(thread, 5, receiver).start();
            FakeEtcd.next(etcd.watches).answer().onError(Status.UNAVAILABLE.asRuntimeException());
            FakeEtcd.next(other.watches).answer().onNext(FakeEtcd.events(KEY, false, 5));
            nextToldIs("5x1");
        }
    }

    @Test
    void tokenRefused_isFetchedAgainOnce() throws InterruptedException {
        connections.close();
        connections = new Connections(FakeEtcd.settings("ann", etcd), "test");
        connections.upstream(thread, 5, receiver).start();
        Call<WatchRequest, WatchResponse> first = FakeEtcd.next(etcd.watches);
        assertThat(first.token()).isEqualTo("ann-1");
        first.answer().onError(Status.UNAUTHENTICATED.asRuntimeException());
        Call<WatchRequest, WatchResponse> second = FakeEtcd.next(etcd.watches);
        assertThat(second.token()).isEqualTo("ann-2");
        second.answer()
                .onNext(WatchResponse.newBuilder()
                        .setCanceled(true)
                        .setCancelReason("etcdserver: invalid auth token")
                        .build());
        assertThat(FakeEtcd.next(etcd.watches).token()).isEqualTo("ann-3");
    }
}
