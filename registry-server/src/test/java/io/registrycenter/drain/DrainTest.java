package io.registrycenter.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.drain.Connections.Gate;
import io.registrycenter.drain.DrainStatus.Requester;
import io.registrycenter.drain.FakeConnections.Client;
import io.registrycenter.drain.FakeConnections.One;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Every drain here runs on a clock of the test, moved in ticks. */
class DrainTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long TICK_NANOS = Duration.ofMillis(50).toNanos();

    private long now = 1_000;
    private final FakeConnections connections = new FakeConnections(() -> now);
    private final List<String> order = new ArrayList<>();
    private final Drain drain = new Drain(connections, TIMEOUT, () -> now, serving -> {
        order.add(
                serving
                        ? "ready"
                        : "not ready, gates set: " + connections.gates().size());
    });

    @Test
    void begin_withoutStreams_isOverAtOnce() {
        One idle = connections.connect("idle", 0, Client.READING);
        assertThat(drain.begin(Requester.OPERATOR)).isCompleted();
        assertThat(drain.state()).isEqualTo(DrainState.DRAINED);
        assertThat(idle.awayAtNanos).isEqualTo(now);
        assertThat(drain.cancel()).as("a client was sent away").isFalse();
    }

    @Test
    void begin_tellsReadinessFirst_thenRefuses_thenAsks() {
        One client = connections.connect("a", 2, Client.READING);
        var unused = drain.begin(Requester.OPERATOR);
        assertThat(order).containsExactly("not ready, gates set: 0");
        assertThat(connections.gates()).containsExactly(Gate.REFUSING);
        assertThat(client.reconnectAfter).isEqualTo(Duration.ZERO);
        assertThat(client.awayAtNanos).isNull();
        assertThat(drain.state()).isEqualTo(DrainState.ASKING);
    }

    @Test
    void status_whileAStepIsUnderWay_waitsForNothing() {
        List<DrainStatus> seen = new ArrayList<>();
        List<Drain> leaving = new ArrayList<>();
        Drain slow = new Drain(
                connections,
                TIMEOUT,
                () -> now,
                serving -> seen.add(
                        CompletableFuture.supplyAsync(() -> leaving.getFirst().status())
                                .orTimeout(20, TimeUnit.SECONDS)
                                .join()));
        leaving.add(slow);
        var unused = slow.begin(Requester.OPERATOR);
        assertThat(seen).extracting(DrainStatus::state).containsExactly(DrainState.ASKING);
    }

    @Test
    void fewConnections_areNotKeptWaiting() {
        connections.connect("a", 1, Client.READING);
        connections.connect("b", 1, Client.READING);
        connections.connect("c", 1, Client.READING);
        CompletableFuture<Void> over = drain.begin(Requester.OPERATOR);
        assertThat(elapsedUntil(over)).isLessThan(Duration.ofSeconds(3));
        assertThat(drain.status().connectionsSentAway()).isEqualTo(3);
        assertThat(drain.status().streamsForced()).isZero();
    }

    @Test
    void manyConnections_areSpread_overThreeQuartersOfTheTimeout() {
        List<One> all = connect(5_000);
        long began = now;
        CompletableFuture<Void> over = drain.begin(Requester.OPERATOR);
        assertThat(elapsedUntil(over))
                .isBetween(Duration.ofSeconds(14), Duration.ofSeconds(15).plusNanos(TICK_NANOS));
        long[] perSecond = new long[16];
        for (One one : all) {
            assertThat(one.endedInPeace).isEqualTo(1);
            assertThat(one.reconnectAfter).isNotNull();
            assertThat(one.awayAtNanos).isNotNull();
            long away = one.awayAtNanos == null ? 0 : one.awayAtNanos - began;
            long asked = one.reconnectAfter == null ? 0 : one.reconnectAfter.toNanos();
            assertThat(away - asked)
                    .as("time to make before break")
                    .isBetween(2_000_000_000L, 2_000_000_000L + TICK_NANOS);
            perSecond[(int) (away / 1_000_000_000L)]++;
        }
        for (int second = 2; second < 15; second++) {
            assertThat(perSecond[second]).as("in second %d", second).isBetween(350L, 420L);
        }
    }

    @Test
    void whoIsRefused_comesBackAtAPaceThatTheServerBears() {
        connect(100);
        var few = drain.begin(Requester.OPERATOR);
        assertThat(few).isNotDone();
        assertThat(connections.retryWithin()).isEqualTo(Duration.ofSeconds(3));
        assertThat(drain.cancel()).isTrue();
        connect(9_900);
        var many = drain.begin(Requester.OPERATOR);
        assertThat(many).isNotDone();
        assertThat(connections.retryWithin()).as("1,000 a second").isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void clientsThatMoveByThemselves_endTheDrainEarly() {
        List<One> all = connect(1_000);
        CompletableFuture<Void> over = drain.begin(Requester.SHUTDOWN);
        pass(Duration.ofSeconds(1));
        all.forEach(One::moved);
        pass(Duration.ofMillis(50));
        assertThat(over).isCompleted();
        assertThat(drain.status().connectionsSentAway()).isZero();
    }

    @Test
    void whoDoesNotRead_isForcedAtTheDeadline_alone() {
        One reading = connections.connect("reading", 2, Client.READING);
        One stalled = connections.connect("stalled", 2, Client.STALLED);
        CompletableFuture<Void> over = drain.begin(Requester.SHUTDOWN);
        assertThat(elapsedUntil(over)).isBetween(TIMEOUT, TIMEOUT.plusNanos(TICK_NANOS));
        assertThat(reading.endedInPeace).isEqualTo(2);
        assertThat(stalled.forced).isEqualTo(2);
        assertThat(drain.status().streamsForced()).isEqualTo(2);
        assertThat(drain.state()).isEqualTo(DrainState.DRAINED);
    }

    @Test
    void aStreamThatSlippedThroughTheGate_isSentAwayToo() {
        connections.connect("a", 1, Client.READING);
        CompletableFuture<Void> over = drain.begin(Requester.OPERATOR);
        One late = connections.connect("late", 1, Client.READING);
        assertThat(elapsedUntil(over)).isLessThan(Duration.ofSeconds(3));
        assertThat(late.endedInPeace).isEqualTo(1);
    }

    @Test
    void cancel_beforeTheFirstIsSentAway_servesAgain_andTheNextDrainIsWhole() {
        One client = connections.connect("a", 1, Client.READING);
        CompletableFuture<Void> first = drain.begin(Requester.OPERATOR);
        pass(Duration.ofSeconds(1));
        assertThat(drain.status().cancellable()).isTrue();
        assertThat(drain.cancel()).isTrue();
        assertThat(drain.state()).isEqualTo(DrainState.SERVING);
        assertThat(connections.gates()).containsExactly(Gate.REFUSING, Gate.OPEN);
        assertThat(order).last().isEqualTo("ready");
        pass(Duration.ofSeconds(60));
        assertThat(client.awayAtNanos).isNull();
        assertThat(first).isNotDone();

        CompletableFuture<Void> second = drain.begin(Requester.OPERATOR);
        assertThat(elapsedUntil(second)).isLessThan(Duration.ofSeconds(3));
        assertThat(client.endedInPeace).isEqualTo(1);
    }

    @Test
    void cancel_afterTheFirstWasSentAway_isTooLate() {
        connect(500);
        var unused = drain.begin(Requester.OPERATOR);
        pass(Duration.ofSeconds(3));
        assertThat(drain.state()).isEqualTo(DrainState.MOVING);
        assertThat(drain.cancel()).isFalse();
        assertThat(drain.state()).isEqualTo(DrainState.MOVING);
    }

    @Test
    void cancel_ofADrainThatMovedNobody_servesAgain() {
        var unused = drain.begin(Requester.OPERATOR);
        assertThat(drain.state()).isEqualTo(DrainState.DRAINED);
        assertThat(drain.cancel()).isTrue();
        assertThat(drain.state()).isEqualTo(DrainState.SERVING);
    }

    @Test
    void cancel_withoutADrain_isFine() {
        assertThat(drain.cancel()).isTrue();
        assertThat(order).isEmpty();
    }

    @Test
    void shutdown_joinsTheDrainThatRuns_andCannotBeCancelled() {
        connections.connect("a", 1, Client.STALLED);
        CompletableFuture<Void> byOperator = drain.begin(Requester.OPERATOR);
        pass(Duration.ofSeconds(1));
        CompletableFuture<Void> byShutdown = drain.begin(Requester.SHUTDOWN);
        assertThat(byShutdown).isSameAs(byOperator);
        assertThat(drain.cancel()).isFalse();
        assertThat(elapsedUntil(byShutdown))
                .as("the deadline is that of the first")
                .isLessThan(TIMEOUT);
        assertThat(drain.begin(Requester.OPERATOR)).as("a late operator joins").isCompleted();
        assertThat(drain.status().requestedBy()).isEqualTo(Requester.SHUTDOWN);
    }

    @Test
    void shutdown_ofADrainedServer_isOverAtOnce_andSendsAwayWhoCameMeanwhile() {
        var unused = drain.begin(Requester.OPERATOR);
        One unary = connections.connect("unary", 0, Client.READING);
        assertThat(drain.begin(Requester.SHUTDOWN)).isCompleted();
        assertThat(unary.awayAtNanos).isEqualTo(now);
    }

    @Test
    void status_tellsTheWholeStory() {
        assertThat(drain.status().state()).isEqualTo(DrainState.SERVING);
        assertThat(drain.status().remainingMillis()).isNull();
        connections.connect("a", 2, Client.READING);
        connections.connect("b", 1, Client.STALLED);
        var unused = drain.begin(Requester.OPERATOR);
        pass(Duration.ofSeconds(3));
        DrainStatus status = drain.status();
        assertThat(status.state()).isEqualTo(DrainState.MOVING);
        assertThat(status.requestedBy()).isEqualTo(Requester.OPERATOR);
        assertThat(status.streams()).isEqualTo(1);
        assertThat(status.connections()).isEqualTo(1);
        assertThat(status.connectionsSentAway()).isEqualTo(2);
        assertThat(status.remainingMillis()).isEqualTo(17_000);
    }

    /** Whatever clients do, it ends in time, nobody waits longer than its slot, and only who does not read is forced. */
    @Property(tries = 300)
    void a_drain_ends_at_its_deadline_at_the_latest_and_forces_only_who_does_not_read(
            @ForAll @IntRange(max = 60) int readers, @ForAll @IntRange(max = 5) int stalled, @ForAll long seed) {
        // Tries share an instance of the class; each needs a server of its own.
        new DrainTest().simulate(readers, stalled, seed);
    }

    private void simulate(int readers, int stalled, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        List<One> all = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
            all.add(connections.connect("r" + i, random.nextInt(3), Client.READING));
        }
        for (int i = 0; i < stalled; i++) {
            all.add(connections.connect("s" + i, 1 + random.nextInt(2), Client.STALLED));
        }
        CompletableFuture<Void> over = drain.begin(Requester.SHUTDOWN);
        long began = now;
        for (int i = 0; i < 500 && !over.isDone(); i++) {
            if (!all.isEmpty() && random.nextInt(10) == 0) {
                all.get(random.nextInt(all.size())).moved();
            }
            pass(Duration.ofMillis(50));
        }
        assertThat(over).isCompleted();
        assertThat(now - began).isLessThanOrEqualTo(TIMEOUT.toNanos() + TICK_NANOS);
        assertThat(connections.open()).allMatch(one -> one.streams() == 0);
        assertThat(all).allMatch(one -> one.forced == 0 || one.peer().startsWith("s"));
        assertThat(drain.status().streamsForced())
                .isEqualTo(all.stream().mapToInt(one -> one.forced).sum());
    }

    private List<One> connect(int count) {
        List<One> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(connections.connect("c" + i, 1, Client.READING));
        }
        return all;
    }

    private void pass(Duration time) {
        long until = now + time.toNanos();
        while (now < until) {
            now = Math.min(until, now + TICK_NANOS);
            drain.tick();
        }
    }

    private Duration elapsedUntil(CompletableFuture<Void> over) {
        long began = now;
        while (!over.isDone() && now - began < TIMEOUT.toNanos() * 2) {
            now += TICK_NANOS;
            drain.tick();
        }
        assertThat(over).isCompleted();
        return Duration.ofNanos(now - began);
    }
}
