package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.welcome;
import static io.registrycenter.client.internal.Links.cut;
import static io.registrycenter.client.internal.Links.id;
import static io.registrycenter.client.internal.Links.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.ClientStatistics.Ending;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.ResyncReason;
import io.registrycenter.client.StreamKind;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted about the links. */
class LinkStatisticsTest {

    @Test
    void endings_newOnes_areToldBeforeTheyCount() {
        try (FakeWorld world = new FakeWorld()) {
            ClientStatistics statistics = world.client.statistics();
            List<Ending> told = new ArrayList<>();
            statistics.onNewEnding(ending -> {
                assertThat(statistics.reconnects(ending)).isZero();
                told.add(ending);
                throw new IllegalStateException("what a listener throws hurts nobody");
            });
            live(world, world.server());
            cut(world);
            world.pass(Duration.ofSeconds(1));
            cut(world);
            world.pass(Duration.ofSeconds(1));
            cut(world);

            Ending lost = new Ending(StreamKind.WATCH, CloseCause.PEER_EOF, Phase.LIVE, false);
            Ending failed = new Ending(StreamKind.WATCH, CloseCause.PEER_EOF, Phase.CONNECTING, false);
            assertThat(told).containsExactly(lost, failed);
            assertThat(statistics.reconnects(lost)).isEqualTo(1);
            assertThat(statistics.reconnects(failed)).isEqualTo(2);
            assertThat(statistics.reconnects(StreamKind.WATCH, CloseCause.PEER_EOF))
                    .isEqualTo(3);
            List<Ending> late = new ArrayList<>();
            statistics.onNewEnding(late::add);
            assertThat(late).containsExactlyInAnyOrder(lost, failed);
        }
    }

    @Test
    void statistics_lostAndResumed_countsCauseAndAge() {
        try (FakeWorld world = new FakeWorld()) {
            ClientStatistics statistics = world.client.statistics();
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            live(world, world.server());
            assertThat(statistics.connected(StreamKind.WATCH)).isTrue();
            assertThat(statistics.connected(StreamKind.SESSION)).isFalse();
            assertThat(statistics.staleness()).isZero();
            cut(world);
            world.pass(Duration.ofMillis(100));
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            assertThat(statistics.staleness()).isEqualTo(Duration.ofMillis(100));
            assertThat(statistics.reconnects(StreamKind.WATCH, CloseCause.PEER_EOF))
                    .isEqualTo(1);
            world.pass(Duration.ofSeconds(1));
            Peer<WatchRequest, WatchResponse> peer = world.server().watch();
            peer.send(welcome());
            peer.send(snapshot(id(peer), SnapshotReason.SNAPSHOT_REASON_COMPACTED, cursor(EPOCH, 9)));
            assertThat(statistics.resyncs(ResyncReason.COMPACTED)).isEqualTo(1);
            assertThat(statistics.staleness()).isZero();
            peer.send(deltas(id(peer), delta(12, 13)));
            assertThat(statistics.resyncs(ResyncReason.GAP)).isEqualTo(1);
            world.client.close();
            assertThat(statistics.connected(StreamKind.WATCH)).isFalse();
            assertThat(statistics.staleness()).as("no watch is open").isZero();
        }
    }
}
