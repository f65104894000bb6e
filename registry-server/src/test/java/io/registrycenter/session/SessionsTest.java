package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.registration.Registered;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SessionWorld world = new SessionWorld();

    @Test
    void open_default_isActiveAndDurable() {
        TestLink link = world.opened();
        Opened opened = link.answer();
        assertThat(opened.sessionId()).matches("[0-9a-f]{32}");
        assertThat(opened.ttl()).isEqualTo(Duration.ofSeconds(15));
        assertThat(opened.heartbeatInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(opened.reconnectGrace()).isEqualTo(Duration.ofSeconds(10));
        assertThat(opened.restartGrace()).isEqualTo(Duration.ofSeconds(30));
        assertThat(opened.toString()).doesNotContain(opened.sessionId());
        assertThat(world.record(link.id())).isNotNull();
        assertThat(world.sessions.stats().count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void open_ownTtl_getsAThirdOfItAsHeartbeatInterval() {
        TestLink link = world.link();
        link.open(Duration.ofSeconds(6));
        world.steps.run();
        assertThat(link.answer().heartbeatInterval()).isEqualTo(Duration.ofSeconds(2));
        world.keepAlive(Duration.ofSeconds(20), link);
        world.pass(Duration.ofSeconds(7));
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
    }

    @Test
    void registrations_areRefusedAfterAStandstill_untilASecondAfterItWasNoticed() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        world.keepAlive(Duration.ofMinutes(1), link);
        assertThat(world.sessions.standstill().lately()).as("sweeps are signs").isFalse();

        world.standStill(Duration.ofSeconds(3));
        assertThat(registering(link, "b")).as("before the sweep noticed").isCompletedExceptionally();
        world.standStill(Duration.ofSeconds(3));
        world.sweep();
        assertThat(registering(link, "b")).as("after it noticed").isCompletedExceptionally();
        world.pass(SECOND);
        assertThat(registering(link, "b"))
                .isCompletedWithValueMatching(done -> done.instance().id().equals("b"));
    }

    @Test
    void registrations_areRefusedAfterAStandstill_alsoWhileTheServerLeaves() {
        TestLink link = world.opened();
        world.sessions.hold();
        world.standStill(Duration.ofSeconds(3));
        world.sessions.hold();
        assertThat(registering(link, "a")).isCompletedExceptionally();
    }

    private CompletableFuture<Registered> registering(TestLink link, String id) {
        CompletableFuture<Registered> call = world.registering(link.id(), id, 1);
        world.steps.run();
        return call;
    }

    @Test
    void open_storeOutOfReach_endsWithRetry() {
        world.store.failCommits();
        TestLink link = world.opened();
        SessionEnd end = link.ending();
        assertThat(end == null ? null : end.refusal()).isInstanceOf(Refusal.Unavailable.class);
        assertThat(end == null ? Duration.ZERO : end.retryAfter()).isPositive();
    }

    @Test
    void suspect_whileTheStoreTakesNoCommits_isKept_andHasAFullTtlAfterwards() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.store.refuseCommits("the disk is full (of the test)");
        world.pass(Duration.ofMinutes(2));
        TestLink refused = world.resumed(link.id(), link.answer().fence(), "attempt");
        assertThat(refused.endCause()).isEqualTo(CloseCause.SERVER_FAULT);
        world.store.releaseCommits();
        world.pass(Duration.ofSeconds(5));
        assertThat(world.view.sessions()).hasSize(1);
        TestLink back = world.resumed(link.id(), link.answer().fence(), "attempt");
        assertThat(back.answer().fence()).isGreaterThan(link.answer().fence());
        back.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(12));
        assertThat(world.view.sessions()).isEmpty();
    }

    @Test
    void open_answerOfTheStoreLost_leavesNoSessionBehind() {
        world.store.loseAnswers(1);
        TestLink link = world.opened();
        assertThat(link.endCause()).isEqualTo(CloseCause.SERVER_FAULT);
        assertThat(world.view.sessions()).hasSize(1);
        world.pass(Duration.ofSeconds(12));
        assertThat(world.view.sessions()).isEmpty();
    }

    @Test
    void open_linkClosedBeforeTheAnswer_leavesNoSessionBehind() {
        world.store.holdCommits();
        TestLink link = world.opened();
        link.close(CloseCause.PEER_EOF);
        world.steps.run();
        world.store.releaseCommits();
        world.steps.run();
        assertThat(world.view.sessions()).isEmpty();
        assertThat(world.sessions.stats().count(SessionState.CLOSED)).isZero();
    }

    @Test
    void grammar_frameBeforeOpenOrSecondOpen_endsWithInvalidRequest() {
        TestLink early = world.link();
        early.beat();
        world.steps.run();
        assertThat(early.endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
        TestLink twice = world.opened();
        twice.open(Duration.ZERO);
        world.steps.run();
        assertThat(twice.endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
    }

    @Test
    void heartbeat_isAnsweredWithTheCursorAndMakesNoRevision() {
        TestLink link = world.opened();
        long head = world.store.head();
        world.keepAlive(Duration.ofMinutes(1), link);
        assertThat(link.heartbeats).hasSize(60).last().isEqualTo(world.view.cursor());
        assertThat(world.store.head()).isEqualTo(head);
        assertThat(link.ending()).isNull();
    }

    @Test
    void silence_forTheTtl_removesWithinASecond() {
        TestLink link = world.opened();
        world.register(link.id(), "a", "b");
        world.pass(Duration.ofSeconds(15).minusMillis(300));
        assertThat(world.registered("a")).isTrue();
        world.pass(SECOND);
        assertThat(world.removals()).containsExactly(RemovalReason.SESSION_EXPIRED, RemovalReason.SESSION_EXPIRED);
        assertThat(world.record(link.id())).isNull();
        assertThat(link.expired).containsExactly(CloseCause.SESSION_EXPIRED);
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(world.sessions.stats().expired()).isEqualTo(1);
        for (SessionState state : SessionState.values()) {
            assertThat(world.sessions.stats().count(state)).isZero();
        }
    }

    @Test
    void streamClosed_isSuspectForTheReconnectGrace() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(10).minusMillis(300));
        assertThat(world.sessions.stats().count(SessionState.SUSPECT)).isEqualTo(1);
        assertThat(world.registered("a")).isTrue();
        world.pass(SECOND);
        assertThat(world.registered("a")).isFalse();
    }

    @Test
    void streamEndedByThisServer_isSuspectForTheRestartGrace() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.executor().execute(() -> {
            link.link.drain(CloseCause.DRAINING, SECOND, SECOND);
            link.link.end(new SessionEnd(CloseCause.DRAINING, "moving", SECOND, null));
        });
        link.close(CloseCause.PEER_EOF);
        world.pass(Duration.ofSeconds(29));
        assertThat(link.drains).containsExactly(CloseCause.DRAINING);
        assertThat(link.endCause()).isEqualTo(CloseCause.DRAINING);
        assertThat(world.registered("a")).isTrue();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.registered("a")).isFalse();
    }

    @Test
    void restart_clientsReturnWithinTheGrace_noChange() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        TestLink dead = world.opened();
        world.register(dead.id(), "b");
        world.kill();
        world.standStill(Duration.ofMinutes(5));
        world.start();
        world.pass(Duration.ofSeconds(29));
        assertThat(world.sessions.stats().count(SessionState.SUSPECT)).isEqualTo(2);
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        world.keepAlive(Duration.ofSeconds(20), again);
        assertThat(world.registered("a")).isTrue();
        assertThat(world.removals()).containsExactly(RemovalReason.SESSION_EXPIRED);
        assertThat(world.registered("b")).isFalse();
    }

    @Test
    void pause_longerThanTheTtl_givesEverybodyAFullTtl() {
        TestLink link = world.opened();
        TestLink suspect = world.opened();
        world.register(link.id(), "a");
        world.register(suspect.id(), "b");
        suspect.close(CloseCause.PEER_RESET);
        world.steps.run();
        world.standStill(Duration.ofSeconds(20));
        world.sweep();
        assertThat(world.sessions.stats().pauses()).isEqualTo(1);
        world.pass(Duration.ofSeconds(14));
        assertThat(world.removals()).isEmpty();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.removals()).hasSize(2);
    }

    @Test
    void brake_tooManyAtOnce_holdsThemUntilTheyReturn() {
        TestLink[] links = new TestLink[60];
        for (int i = 0; i < links.length; i++) {
            links[i] = world.opened();
            world.register(links[i].id(), "i" + i);
            links[i].close(CloseCause.PEER_RESET);
        }
        world.pass(Duration.ofSeconds(40));
        assertThat(world.sessions.stats().brake()).isEqualTo(BrakeState.HOLDING);
        assertThat(world.sessions.stats().held()).isEqualTo(60);
        assertThat(world.removals()).isEmpty();
        TestLink[] again = new TestLink[59];
        for (int i = 0; i < again.length; i++) {
            again[i] = world.resumed(links[i].id(), links[i].fence(), "x");
            assertThat(again[i].isOpened()).isTrue();
        }
        world.keepAlive(Duration.ofSeconds(2), again);
        assertThat(world.sessions.stats().brake()).isEqualTo(BrakeState.OFF);
        assertThat(world.sessions.stats().held()).isZero();
        assertThat(world.removals()).hasSize(1);
    }

    @Test
    void brake_silentSessionsHeld_areActiveAgainWithTheNextHeartbeat() {
        TestLink[] links = new TestLink[60];
        for (int i = 0; i < links.length; i++) {
            links[i] = world.opened();
        }
        world.pass(Duration.ofSeconds(20));
        assertThat(world.sessions.stats().count(SessionState.SUSPECT)).isEqualTo(60);
        world.keepAlive(Duration.ofSeconds(2), links);
        assertThat(world.sessions.stats().count(SessionState.ACTIVE)).isEqualTo(60);
        assertThat(world.sessions.stats().brake()).isEqualTo(BrakeState.OFF);
    }

    @Test
    void brake_released_letsThemGo() {
        for (int i = 0; i < 60; i++) {
            world.opened().close(CloseCause.PEER_RESET);
        }
        assertThat(world.sessions.release()).isFalse();
        world.pass(Duration.ofSeconds(12));
        assertThat(world.sessions.release()).isTrue();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.sessions.stats().expired()).isEqualTo(60);
        assertThat(world.sessions.stats().brake()).isEqualTo(BrakeState.OFF);
    }
}
