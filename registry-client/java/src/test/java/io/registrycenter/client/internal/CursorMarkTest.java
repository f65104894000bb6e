package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Frames.EPOCH;
import static io.registrycenter.client.internal.Frames.cursor;
import static io.registrycenter.client.internal.Frames.delta;
import static io.registrycenter.client.internal.Frames.deltas;
import static io.registrycenter.client.internal.Frames.heartbeat;
import static io.registrycenter.client.internal.Frames.instance;
import static io.registrycenter.client.internal.Frames.put;
import static io.registrycenter.client.internal.Frames.snapshot;
import static io.registrycenter.client.internal.Frames.unmarked;
import static io.registrycenter.client.internal.Frames.welcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cursor goes back to the registry with the mark that came with its revision, and with no other. */
class CursorMarkTest {

    private final FakeWorld world = new FakeWorld();
    private final RecordingListener listener = new RecordingListener();
    private final Watch watch = world.client.watch("orders", listener);

    @AfterEach
    void close() {
        world.close();
    }

    private Peer<WatchRequest, WatchResponse> peer() {
        return world.server().watch();
    }

    private long id() {
        return peer().said().get(1).getSubscribe().getSubscriptionId();
    }

    private io.registrycenter.proto.v1.Cursor resumedFrom() {
        peer().fail(Status.UNAVAILABLE.asRuntimeException());
        world.pass(world.report().nextAttemptIn());
        return peer().said().get(1).getSubscribe().getCursor();
    }

    private void synced(io.registrycenter.proto.v1.Cursor at) {
        peer().send(welcome());
        peer().send(snapshot(id(), SnapshotReason.SNAPSHOT_REASON_INITIAL, at, instance("a", 5), instance("b", 6)));
        listener.take();
    }

    @Test
    void resume_afterSnapshotDeltaAndHeartbeat_hasTheMarkOfTheNewest() {
        synced(cursor(EPOCH, 7));
        assertThat(resumedFrom()).isEqualTo(cursor(EPOCH, 7));
        peer().send(welcome());
        peer().send(deltas(id(), delta(7, 9, put(instance("c", 9)))));
        assertThat(resumedFrom()).isEqualTo(cursor(EPOCH, 9));
        peer().send(welcome());
        peer().send(heartbeat(id(), 0, cursor(EPOCH, 12)));
        assertThat(resumedFrom()).isEqualTo(cursor(EPOCH, 12));
    }

    @Test
    void move_byAServerThatKnowsNoMarks_dropsTheMark() {
        synced(cursor(EPOCH, 7));
        peer().send(heartbeat(0, 1, unmarked(9)));
        assertThat(resumedFrom()).isEqualTo(unmarked(9));
        peer().send(welcome());
        peer().send(heartbeat(id(), 0, cursor(EPOCH, 9)));
        assertThat(resumedFrom()).as("known now").isEqualTo(cursor(EPOCH, 9));
    }

    @Test
    void heartbeat_atTheSameRevisionWithoutMark_keepsTheMark() {
        synced(cursor(EPOCH, 7));
        peer().send(heartbeat(0, 1, unmarked(7)));
        assertThat(resumedFrom()).isEqualTo(cursor(EPOCH, 7));
    }

    @Test
    void snapshot_epochChangedUnderTheSameEpochAndFurtherBack_replacesTheCursorAndHoldsWhatIsMissing() {
        synced(cursor(EPOCH, 62));
        resumedFrom();
        peer().send(welcome());
        peer().send(snapshot(
                id(),
                SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED,
                cursor(EPOCH, 40),
                instance("a", 5),
                instance("c", 38)));
        assertThat(listener.take()).containsExactly("snapshot EPOCH_CHANGED", "+c@38");
        assertThat(watch.view().held()).extracting(Instance::id).containsExactly("b");
        peer().send(heartbeat(0, 1, cursor(EPOCH, 41)));
        assertThat(resumedFrom()).isEqualTo(cursor(EPOCH, 41));
        peer().send(welcome());
        peer().send(heartbeat(id(), 0, cursor(EPOCH, 41)));
        world.pass(Duration.ofSeconds(60));
        assertThat(watch.instances()).extracting(Instance::id).containsExactly("a", "c");
    }

    @Test
    void cursor_isEqualByPositionAlone_andRefusesWhatIsNoMark() {
        assertThat(new Cursor("e", 7, "00ff")).isEqualTo(new Cursor("e", 7)).hasSameHashCodeAs(new Cursor("e", 7));
        assertThat(new Cursor("e", 7)).isNotEqualTo(new Cursor("e", 8)).isNotEqualTo(new Cursor("f", 7));
        for (String bad : List.of("x", "0", "0G", "0a".repeat(65))) {
            assertThatThrownBy(() -> new Cursor("e", 7, bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("128 hexadecimal digits");
        }
    }
}
