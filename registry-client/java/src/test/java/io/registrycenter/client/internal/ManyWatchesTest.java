package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchLimits;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.proto.v1.WatchWelcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More watches than a server takes on one stream. */
class ManyWatchesTest {

    private final FakeWorld world = new FakeWorld();
    private final List<Watch> watches = new ArrayList<>();
    private final List<RecordingListener> listeners = new ArrayList<>();
    private final Map<Peer<WatchRequest, WatchResponse>, Integer> read = new HashMap<>();
    private final Map<Peer<WatchRequest, WatchResponse>, Set<Long>> taken = new HashMap<>();
    private int perStream = 3;
    private int streams = 100;
    /** Of the next subscriptions so many are refused for a limit that has nothing to do with their number. */
    private int snapshotsRefused;

    @AfterEach
    void close() {
        world.close();
    }

    private void watch(int number) {
        for (int i = 0; i < number; i++) {
            RecordingListener listener = new RecordingListener();
            listeners.add(listener);
            watches.add(world.client.watch("service-" + watches.size(), listener));
        }
    }

    /** The server answers all there is to answer, and takes so many subscriptions on each stream. */
    private void serve() {
        for (int i = 0; i < world.server().watches.size(); i++) {
            Peer<WatchRequest, WatchResponse> peer = world.server().watches.get(i);
            for (int next = read.getOrDefault(peer, 0);
                    !peer.over() && next < peer.said().size();
                    next++) {
                read.put(peer, next + 1);
                serve(peer, peer.said().get(next));
            }
        }
    }

    private void serve(Peer<WatchRequest, WatchResponse> peer, WatchRequest request) {
        Set<Long> ids = taken.computeIfAbsent(peer, none -> new HashSet<>());
        WatchSubscribe asked = request.getSubscribe();
        if (request.hasHello()) {
            peer.send(WatchResponse.newBuilder()
                    .setWelcome(WatchWelcome.newBuilder()
                            .setStreamId("stream-" + world.server().watches.indexOf(peer))
                            .setLimits(WatchLimits.newBuilder()
                                    .setSubscriptionsPerStream(perStream)
                                    .setStreamsPerConnection(streams)))
                    .build());
        } else if (request.hasUnsubscribe()) {
            ids.remove(request.getUnsubscribe().getSubscriptionId());
        } else if (request.hasSubscribe() && (ids.size() >= perStream || snapshotsRefused-- > 0)) {
            peer.send(Frames.ended(asked.getSubscriptionId(), CloseCause.CLOSE_CAUSE_LIMIT_EXCEEDED, 30_000));
        } else if (request.hasSubscribe()) {
            ids.add(asked.getSubscriptionId());
            peer.send(
                    asked.hasCursor()
                            ? heartbeat(asked.getSubscriptionId(), 0, asked.getCursor())
                            : snapshot(
                                    asked.getSubscriptionId(),
                                    SnapshotReason.SNAPSHOT_REASON_INITIAL,
                                    cursor(EPOCH, 7),
                                    instance("a", 5)));
        }
    }

    private long live() {
        return world.server().watches.stream().filter(peer -> !peer.over()).count();
    }

    private void allAreSynced() {
        assertThat(watches).allSatisfy(watch -> {
            assertThat(watch.synced().toCompletableFuture()).isCompleted();
            assertThat(watch.view().stale()).isFalse();
            assertThat(watch.instances()).hasSize(1);
        });
    }

    @Test
    void watches_moreThanAStreamTakes_areFollowedOnFurtherStreams() {
        watch(8);
        serve();
        allAreSynced();
        assertThat(live()).isEqualTo(3);
        assertThat(listeners)
                .allSatisfy(listener -> assertThat(listener.take()).containsExactly("snapshot INITIAL", "+a@5"));
        assertThat(world.client.statistics().connected(StreamKind.WATCH)).isTrue();
        assertThat(world.connected).hasSize(3);
        watch(2);
        serve();
        allAreSynced();
        assertThat(live()).as("the third one had room for one").isEqualTo(4);
    }

    @Test
    void watches_moreThanByDefault_doNotWaitToBeRefused() {
        perStream = 1000;
        watch(1200);
        assertThat(live()).isEqualTo(2);
        serve();
        allAreSynced();
    }

    @Test
    void watches_closed_makeRoomAndEndTheStreamThatHasNoneLeft() {
        watch(7);
        serve();
        watches.get(6).close();
        serve();
        assertThat(live()).isEqualTo(2);
        assertThat(world.client.statistics().connected(StreamKind.WATCH)).isTrue();
        watches.remove(6);
        watches.remove(0).close();
        serve();
        watch(1);
        serve();
        allAreSynced();
        assertThat(live()).isEqualTo(2);
        List.copyOf(watches).forEach(Watch::close);
        assertThat(live()).isZero();
        assertThat(world.client.statistics().connected(StreamKind.WATCH)).isFalse();
    }

    @Test
    void stream_oneOfSeveralLost_staleAndResumedAlone() {
        watch(5);
        serve();
        world.server().watches.get(1).fail(Status.UNAVAILABLE.asRuntimeException());
        assertThat(watches.stream().filter(watch -> watch.view().stale())).hasSize(2);
        assertThat(world.client.statistics().connected(StreamKind.WATCH)).isFalse();
        world.pass(world.report().nextAttemptIn());
        serve();
        allAreSynced();
        assertThat(world.client.statistics().connected(StreamKind.WATCH)).isTrue();
        assertThat(world.losses).hasSize(1);
    }

    @Test
    void server_takesFewerAfterItsRestart_theOthersMoveWithTheirCursor() {
        watch(5);
        serve();
        perStream = 2;
        world.server().watches.get(0).fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
        serve();
        allAreSynced();
        assertThat(live()).isEqualTo(3);
        assertThat(listeners).allSatisfy(listener -> assertThat(listener.take()).hasSize(2));
    }

    @Test
    void watches_moreThanAConnectionTakes_areRefusedAndTold() {
        perStream = 2;
        streams = 4;
        watch(6);
        serve();
        for (int i = 0; i < 4; i++) {
            assertThat(watches.get(i).view().stale()).isFalse();
        }
        for (int i = 4; i < 6; i++) {
            RegistryException refusal = Objects.requireNonNull(listeners.get(i).refusal, "refused and told");
            assertThat(refusal.kind()).isEqualTo(RegistryException.Kind.LIMIT_EXCEEDED);
            assertThat(refusal.details())
                    .containsEntry("limit", "watches-per-client")
                    .containsEntry("allowed", "4");
            assertThat(watches.get(i).synced().toCompletableFuture()).isCompletedExceptionally();
        }
        watches.get(0).close();
        serve();
        watch(1);
        serve();
        assertThat(watches.get(6).view().stale()).isFalse();
    }

    @Test
    void subscription_refusedForAnotherLimit_isAskedForAgainOnItsStream() {
        watch(1);
        Peer<WatchRequest, WatchResponse> peer = world.server().watch();
        snapshotsRefused = 1;
        serve();
        assertThat(watches.get(0).view().stale()).isTrue();
        world.pass(Duration.ofSeconds(30));
        serve();
        allAreSynced();
        assertThat(world.server().watch()).isSameAs(peer);
    }
}
