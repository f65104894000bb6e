package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a stream is moved: asked, sent away, forced. */
class WatchDrainTest {

    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Duration AGE = Duration.ofMinutes(2);

    private final StepExecutor loop = new StepExecutor();
    private final View view = new View("e1");
    private long now;
    private final Hub hub = new Hub(
            view,
            new WordsEncoding(),
            withMaxAge(AGE),
            () -> CompletableFuture.completedFuture(0L),
            () -> now,
            new Random(1));
    private final Applier applier = new Applier(view, List.of(hub), lost -> {
        throw lost;
    });
    private final RecordingOutlet outlet = new RecordingOutlet(loop, 1_000);
    private final WatchStream stream = open();

    private WatchStream open() {
        applier.load(List.of(), 10);
        hub.begin();
        WatchStream opened = hub.open(outlet);
        opened.hello(ClientInfo.UNKNOWN, null, null);
        opened.subscribe(1, new Interest("shop", "orders", Map.of()), null, true);
        return opened;
    }

    @Test
    void ask_isTold_andTheStreamGoesOn() {
        written();
        ask();
        put(11);
        assertThat(written())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .isEqualTo(new Frame.Drain(CloseCause.DRAINING, DEADLINE, Duration.ofSeconds(3))),
                        second -> assertThat(second).isInstanceOf(Frame.Deltas.class));
        assertThat(outlet.end()).isNull();
    }

    @Test
    void sendAway_withNothingWaiting_endsAtOnce() {
        sendAway();
        assertThat(endCause()).isEqualTo(CloseCause.DRAINING);
        assertThat(stream.close(CloseCause.CLIENT_COMPLETED)).isEqualTo(CloseCause.DRAINING);
    }

    @Test
    void sendAway_withDeltasWaiting_endsWhenTheyAreWritten() {
        written();
        outlet.refuse();
        put(11);
        sendAway();
        assertThat(outlet.end()).isNull();
        outlet.allow(10);
        stream.ready();
        assertThat(written()).singleElement().isInstanceOf(Frame.Deltas.class);
        assertThat(endCause()).isEqualTo(CloseCause.DRAINING);
    }

    @Test
    void force_withDeltasWaiting_endsAsForced_andResets() {
        outlet.refuse();
        put(11);
        sendAway();
        force();
        assertThat(endCause()).isEqualTo(CloseCause.DRAIN_FORCED);
        assertThat(outlet.wasReset()).isTrue();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.DRAIN_FORCED);
    }

    @Test
    void force_ofAnEndThatIsStuck_countsAsForced() {
        sendAway();
        assertThat(endCause()).isEqualTo(CloseCause.DRAINING);
        pass(Duration.ofSeconds(19));
        assertThat(outlet.wasReset()).as("the drain has its own deadline").isFalse();
        force();
        assertThat(outlet.wasReset()).isTrue();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.DRAIN_FORCED);
    }

    @Test
    void force_ofAnEndWithACauseOfItsOwn_keepsThatCause() {
        stream.end(CloseCause.SLOW_CONSUMER, "slow", Duration.ZERO);
        force();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.SLOW_CONSUMER);
    }

    @Test
    void cancelByAClientThatWasAsked_isItsMove() {
        ask();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.DRAINING);
        assertThat(hub.stats().closes(CloseCause.DRAINING)).isEqualTo(1);
    }

    /** The server went on after all, as after a drain that was cancelled. */
    @Test
    void cancelByAClientThatStayedPastItsDeadline_isItsOwn() {
        ask();
        pass(DEADLINE);
        assertThat(outlet.end()).isNull();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.CLIENT_CANCELLED);
        assertThat(hub.stats().closes(CloseCause.DRAINING)).isZero();
    }

    @Test
    void cancelByAClientThatWasSentAway_isItsMove_howeverLateItIs() {
        ask();
        outlet.refuse();
        put(11);
        sendAway();
        now += DEADLINE.toNanos();
        assertThat(stream.close(CloseCause.CLIENT_CANCELLED)).isEqualTo(CloseCause.DRAINING);
    }

    @Test
    void maxAge_ofAClientThatWasAskedBefore_andStayed_asksAgain() {
        ask();
        written();
        Frame.Drain asked = null;
        while (asked == null && now < AGE.multipliedBy(2).toNanos()) {
            pass(Duration.ofMillis(250));
            asked = answeringHeartbeats();
        }
        assertThat(asked).isEqualTo(new Frame.Drain(CloseCause.MAX_AGE, Duration.ofSeconds(5), Duration.ZERO));
    }

    @Test
    void lossOfAClientThatWasAsked_staysALoss() {
        ask();
        assertThat(stream.close(CloseCause.PEER_RESET)).isEqualTo(CloseCause.PEER_RESET);
    }

    @Test
    void maxAge_asksFirst_andEndsAMomentLater() {
        written();
        Frame.Drain asked = null;
        while (asked == null && now < AGE.multipliedBy(2).toNanos()) {
            pass(Duration.ofMillis(250));
            asked = answeringHeartbeats();
        }
        assertThat(asked).isEqualTo(new Frame.Drain(CloseCause.MAX_AGE, Duration.ofSeconds(5), Duration.ZERO));
        assertThat(now).isBetween(AGE.toNanos() / 10 * 9, AGE.toNanos() / 10 * 11 + 250_000_000);
        pass(Duration.ofMillis(4_500));
        assertThat(outlet.end()).isNull();
        pass(Duration.ofMillis(750));
        assertThat(endCause()).isEqualTo(CloseCause.MAX_AGE);
    }

    private void ask() {
        stream.ask(CloseCause.DRAINING, DEADLINE, Duration.ofSeconds(3));
    }

    private void sendAway() {
        stream.sendAway(CloseCause.DRAINING, "leaving", Duration.ofSeconds(1));
    }

    private void force() {
        stream.force(CloseCause.DRAIN_FORCED, "too late", Duration.ofSeconds(1));
    }

    private void put(long revision) {
        Instance instance = new Instance("orders", "a", List.of(), "", 100, Map.of(), InstanceStatus.UP, 0, 0);
        RecordKey key = new RecordKey.OfInstance(new InstanceKey("shop", "orders", "a"));
        applier.commit(new Commit(revision, List.of(new Mutation(key, new InstanceRecord(instance, "s", "")))));
        applier.batchComplete();
        loop.runAll();
    }

    private void pass(Duration time) {
        long until = now + time.toNanos();
        while (now < until) {
            now += Duration.ofMillis(250).toNanos();
            hub.tick();
            loop.runAll();
        }
    }

    private List<Frame> written() {
        List<Frame> frames = new ArrayList<>();
        for (Frame frame = outlet.poll(); frame != null; frame = outlet.poll()) {
            frames.add(frame);
        }
        return frames;
    }

    /** The drain frame that was written, if one was. */
    private Frame.@Nullable Drain answeringHeartbeats() {
        Frame.Drain drain = null;
        for (Frame frame : written()) {
            if (frame instanceof Frame.Heartbeat heartbeat) {
                stream.acknowledge(heartbeat.seq(), null);
            } else if (frame instanceof Frame.Drain found) {
                drain = found;
            }
        }
        return drain;
    }

    private @Nullable CloseCause endCause() {
        StreamEnd end = outlet.end();
        return end == null ? null : end.cause();
    }

    private static WatchSettings withMaxAge(Duration maxAge) {
        WatchSettings all = WatchSettings.DEFAULTS;
        return new WatchSettings(
                all.heartbeatInterval(),
                all.heartbeatTimeout(),
                all.idleTimeout(),
                maxAge,
                all.stall(),
                all.resetAfter(),
                all.aheadWait(),
                all.subscriptionsPerStream(),
                all.coalesceChanges(),
                all.coalesceBytes(),
                all.frameCommits(),
                all.frameBytes(),
                all.partBytes(),
                all.scopeCommits(),
                all.scopeBytes(),
                all.nodeBytes(),
                all.historyAge());
    }
}
