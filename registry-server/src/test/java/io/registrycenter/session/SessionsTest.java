package io.registrycenter.session;

import static io.registrycenter.session.SessionWorld.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.registration.DeregisterCommand;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SessionWorld world = new SessionWorld();

    private void keepAlive(Duration time, TestLink... links) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(SECOND)) {
            for (TestLink link : links) {
                link.beat();
            }
            world.pass(SECOND);
        }
    }

    private TestLink resumed(String id, long fence, String attempt) {
        TestLink link = world.link();
        link.resume(id, fence, attempt);
        world.steps.run();
        return link;
    }

    private List<RemovalReason> removals() {
        return world.changes.stream()
                .filter(change -> change.after() == null)
                .map(InstanceChange::reason)
                .toList();
    }

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
        assertThat(world.sessions.count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void open_ownTtl_getsAThirdOfItAsHeartbeatInterval() {
        TestLink link = world.link();
        link.open(Duration.ofSeconds(6));
        world.steps.run();
        assertThat(link.answer().heartbeatInterval()).isEqualTo(Duration.ofSeconds(2));
        keepAlive(Duration.ofSeconds(20), link);
        world.pass(Duration.ofSeconds(7));
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
    }

    @Test
    void open_ttlOutOfRange_endsWithInvalidRequest() {
        TestLink link = world.link();
        link.open(Duration.ofSeconds(4));
        world.steps.run();
        assertThat(link.endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
        SessionEnd end = link.ending();
        assertThat(end == null ? null : end.refusal()).isInstanceOf(Refusal.InvalidInput.class);
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
        assertThat(world.sessions.count(SessionState.CLOSED)).isZero();
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
        TestLink malformed = resumed("ABC", 1, "a");
        assertThat(malformed.endCause()).isEqualTo(CloseCause.INVALID_REQUEST);
    }

    @Test
    void heartbeat_isAnsweredWithTheCursorAndMakesNoRevision() {
        TestLink link = world.opened();
        long head = world.store.head();
        keepAlive(Duration.ofMinutes(1), link);
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
        assertThat(removals()).containsExactly(RemovalReason.SESSION_EXPIRED, RemovalReason.SESSION_EXPIRED);
        assertThat(world.record(link.id())).isNull();
        assertThat(link.expired).containsExactly(CloseCause.SESSION_EXPIRED);
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(world.sessions.expiredTotal()).isEqualTo(1);
        for (SessionState state : SessionState.values()) {
            assertThat(world.sessions.count(state)).isZero();
        }
    }

    @Test
    void streamClosed_isSuspectForTheReconnectGrace() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(10).minusMillis(300));
        assertThat(world.sessions.count(SessionState.SUSPECT)).isEqualTo(1);
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
    void resume_withinTheGrace_changesNothingForWatchers() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(9));
        TestLink again = resumed(link.id(), link.fence(), "x");
        assertThat(again.fence()).isEqualTo(link.fence() + 1);
        keepAlive(Duration.ofSeconds(30), again);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_afterExpiry_isToldSo() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(12));
        TestLink late = resumed(link.id(), link.fence(), "x");
        assertThat(late.expired).containsExactly(CloseCause.SESSION_EXPIRED);
        assertThat(late.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
    }

    @Test
    void resume_answerLost_isRepeatedWithTheSameAttemptAndAccepted() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        world.store.loseAnswers(1);
        TestLink unanswered = resumed(link.id(), link.fence(), "x");
        assertThat(unanswered.isOpened()).isFalse();
        long head = world.store.head();
        TestLink again = resumed(link.id(), link.fence(), "x");
        assertThat(again.fence()).isEqualTo(link.fence() + 1);
        assertThat(world.store.head()).isEqualTo(head);
        assertThat(world.sessions.count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void resume_killedBetweenCommitAndAnswer_isAcceptedByTheNextProcess() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.store.loseAnswers(1);
        TestLink unanswered = resumed(link.id(), link.fence(), "x");
        world.kill();
        world.start();
        TestLink again = resumed(link.id(), link.fence(), "x");
        assertThat(unanswered.isOpened()).isFalse();
        assertThat(again.fence()).isEqualTo(link.fence() + 2);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_oldFenceOtherAttempt_isFencedAndChangesNothing() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        TestLink adopted = resumed(link.id(), link.fence(), "x");
        long head = world.store.head();
        TestLink zombie = resumed(link.id(), link.fence(), "y");
        assertThat(zombie.endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(zombie.expired).isEmpty();
        assertThat(world.store.head()).isEqualTo(head);
        assertThat(adopted.ending()).isNull();
    }

    @Test
    void resume_fenceNewerThanTheView_isNotFenced() {
        TestLink link = world.opened();
        world.store.pauseDelivery();
        link.close(CloseCause.PEER_RESET);
        TestLink second = resumed(link.id(), link.fence(), "x");
        second.close(CloseCause.PEER_RESET);
        TestLink third = resumed(link.id(), second.fence(), "y");
        assertThat(third.fence()).isEqualTo(link.fence() + 2);
    }

    @Test
    void resume_whileTheFormerLinkStands_endsTheFormerAsFenced() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        TestLink second = resumed(link.id(), link.fence(), "x");
        assertThat(link.endCause()).isEqualTo(CloseCause.FENCED);
        link.close(CloseCause.PEER_EOF);
        keepAlive(Duration.ofSeconds(30), second);
        assertThat(world.changes).hasSize(1);
        assertThat(world.sessions.count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void resume_storeStalledBeyondTheGrace_isNotExpiredMeanwhile() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(9));
        world.store.holdCommits();
        TestLink again = resumed(link.id(), link.fence(), "x");
        world.pass(Duration.ofSeconds(9));
        assertThat(world.sessions.count(SessionState.SUSPECT)).isEqualTo(1);
        world.store.releaseCommits();
        keepAlive(Duration.ofSeconds(20), again);
        assertThat(again.isOpened()).isTrue();
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_committedBeforeTheExpiryThatWasDecidedFirst_wins() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.store.holdCommits();
        TestLink again = resumed(link.id(), link.fence(), "x");
        world.pass(Duration.ofSeconds(12));
        assertThat(world.sessions.count(SessionState.EXPIRED)).isEqualTo(1);
        world.store.releaseCommits();
        keepAlive(Duration.ofSeconds(30), again);
        assertThat(again.isOpened()).isTrue();
        assertThat(again.ending()).isNull();
        assertThat(world.changes).hasSize(1);
        assertThat(world.sessions.count(SessionState.EXPIRED)).isZero();
    }

    @Test
    void goodbye_removesAtOnceAndEndsTheLink() {
        TestLink link = world.opened();
        world.register(link.id(), "a", "b");
        link.goodbye();
        world.steps.run();
        assertThat(removals()).containsExactly(RemovalReason.DEREGISTERED, RemovalReason.DEREGISTERED);
        assertThat(link.endCause()).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(world.record(link.id())).isNull();
        assertThat(world.sessions.expiredTotal()).isZero();
    }

    @Test
    void goodbye_storeOutOfReach_isSaidSoAndDoneLater() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        world.store.failCommits();
        link.goodbye();
        world.steps.run();
        SessionEnd end = link.ending();
        assertThat(end == null ? null : end.refusal()).isInstanceOf(Refusal.Unavailable.class);
        world.store.releaseCommits();
        world.pass(Duration.ofSeconds(2));
        assertThat(removals()).containsExactly(RemovalReason.DEREGISTERED);
    }

    @Test
    void goodbye_beforeOpened_isDoneOnceOpened() {
        TestLink link = world.link();
        link.open(Duration.ZERO);
        link.goodbye();
        world.steps.run();
        assertThat(link.isOpened()).isTrue();
        assertThat(link.endCause()).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(world.view.sessions()).isEmpty();
    }

    @Test
    void expiry_bigSession_goesInBatchesRecordLast() {
        TestLink link = world.opened();
        for (int i = 0; i < 250; i++) {
            world.register(link.id(), "i" + i);
        }
        world.pass(Duration.ofSeconds(17));
        assertThat(removals()).hasSize(250);
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void expiry_killedInTheMiddle_isTakenUpByTheNextProcess() {
        TestLink link = world.opened();
        for (int i = 0; i < 150; i++) {
            world.register(link.id(), "i" + i);
        }
        link.goodbye();
        while (removals().isEmpty()) {
            assertThat(world.steps.step()).isTrue();
        }
        world.kill();
        assertThat(removals()).hasSize(100);
        world.start();
        world.steps.run();
        assertThat(removals()).hasSize(150);
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void expiry_instanceRegisteredJustBefore_isRemovedToo() {
        TestLink link = world.opened();
        world.store.pauseDelivery();
        world.register(link.id(), "a");
        link.goodbye();
        world.steps.run();
        assertThat(world.registered("a")).isTrue();
        world.store.resumeDelivery();
        world.steps.run();
        assertThat(world.registered("a")).isFalse();
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void expiry_viewDoesNotFollow_isTriedAgainUntilDone() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        world.store.pauseDelivery();
        link.goodbye();
        world.pass(Duration.ofSeconds(30));
        assertThat(link.ending()).isNotNull();
        world.store.resumeDelivery();
        world.pass(Duration.ofSeconds(15));
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void expiry_replacedInstance_isNotTouched() {
        TestLink former = world.opened();
        world.register(former.id(), "a", "b");
        TestLink next = world.opened();
        world.register(next.id(), "a");
        former.close(CloseCause.PEER_RESET);
        keepAlive(Duration.ofSeconds(12), next);
        assertThat(world.registered("a")).isTrue();
        assertThat(world.registered("b")).isFalse();
    }

    @Test
    void expiry_replacedWhileTheRemovalIsOnItsWay_isNotTouched() {
        TestLink former = world.opened();
        world.register(former.id(), "a", "b");
        TestLink next = world.opened();
        world.store.pauseDelivery();
        world.register(next.id(), "a");
        former.goodbye();
        world.steps.run();
        world.store.resumeDelivery();
        world.steps.run();
        assertThat(world.registered("a")).isTrue();
        assertThat(world.registered("b")).isFalse();
    }

    @Test
    void expiry_storeOutOfReach_isTriedAgain() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        world.store.failCommits();
        world.pass(Duration.ofSeconds(30));
        assertThat(world.registered("a")).isTrue();
        assertThat(world.sessions.count(SessionState.EXPIRED)).isEqualTo(1);
        world.store.releaseCommits();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.registered("a")).isFalse();
    }

    @Test
    void lost_replaced_isToldAtOnceAndAgainAfterAResume() {
        TestLink former = world.opened();
        world.register(former.id(), "a", "b");
        TestLink next = world.opened();
        world.register(next.id(), "a");
        assertThat(former.lost).containsOnlyKeys(key("a")).containsValue(LostReason.REPLACED);
        former.close(CloseCause.PEER_RESET);
        world.steps.run();
        world.register(next.id(), "b");
        TestLink again = resumed(former.id(), former.fence(), "x");
        assertThat(again.lost).containsOnlyKeys(key("a"), key("b"));
        assertThat(next.lost).isEmpty();
    }

    @Test
    void lost_beforeARestart_isToldAfterIt() {
        TestLink former = world.opened();
        world.register(former.id(), "a");
        TestLink next = world.opened();
        former.close(CloseCause.PEER_RESET);
        world.register(next.id(), "a");
        world.kill();
        world.start();
        assertThat(resumed(former.id(), former.fence(), "x").lost).containsOnlyKeys(key("a"));
    }

    @Test
    void lost_registeredAgain_isForgotten() {
        TestLink former = world.opened();
        world.register(former.id(), "a");
        TestLink next = world.opened();
        world.register(next.id(), "a");
        world.register(former.id(), "a");
        assertThat(next.lost).containsOnlyKeys(key("a"));
        assertThat(resumed(former.id(), former.fence(), "x").lost).isEmpty();
    }

    @Test
    void lost_removedByAnOperator_isToldWithItsReason() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        var unused = world.store.commit(new Transaction(
                List.of(),
                List.of(new Mutation(
                        new RecordKey.OfInstance(key("a")), new Tombstone(RemovalReason.ADMIN, link.id(), "")))));
        world.steps.run();
        assertThat(link.lost).containsEntry(key("a"), LostReason.ADMIN);
    }

    @Test
    void deregistered_byItself_isNotLost() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        var unused = world.registrations.deregister(new DeregisterCommand(key("a"), link.id(), "", () -> false));
        world.steps.run();
        assertThat(link.lost).isEmpty();
        assertThat(removals()).containsExactly(RemovalReason.DEREGISTERED);
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
        assertThat(world.sessions.count(SessionState.SUSPECT)).isEqualTo(2);
        TestLink again = resumed(link.id(), link.fence(), "x");
        keepAlive(Duration.ofSeconds(20), again);
        assertThat(world.registered("a")).isTrue();
        assertThat(removals()).containsExactly(RemovalReason.SESSION_EXPIRED);
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
        assertThat(world.sessions.pauses()).isEqualTo(1);
        world.pass(Duration.ofSeconds(14));
        assertThat(removals()).isEmpty();
        world.pass(Duration.ofSeconds(2));
        assertThat(removals()).hasSize(2);
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
        assertThat(world.sessions.brake()).isEqualTo(BrakeState.HOLDING);
        assertThat(world.sessions.held()).isEqualTo(60);
        assertThat(removals()).isEmpty();
        TestLink[] again = new TestLink[59];
        for (int i = 0; i < again.length; i++) {
            again[i] = resumed(links[i].id(), links[i].fence(), "x");
            assertThat(again[i].isOpened()).isTrue();
        }
        keepAlive(Duration.ofSeconds(2), again);
        assertThat(world.sessions.brake()).isEqualTo(BrakeState.OFF);
        assertThat(world.sessions.held()).isZero();
        assertThat(removals()).hasSize(1);
    }

    @Test
    void brake_silentSessionsHeld_areActiveAgainWithTheNextHeartbeat() {
        TestLink[] links = new TestLink[60];
        for (int i = 0; i < links.length; i++) {
            links[i] = world.opened();
        }
        world.pass(Duration.ofSeconds(20));
        assertThat(world.sessions.count(SessionState.SUSPECT)).isEqualTo(60);
        keepAlive(Duration.ofSeconds(2), links);
        assertThat(world.sessions.count(SessionState.ACTIVE)).isEqualTo(60);
        assertThat(world.sessions.brake()).isEqualTo(BrakeState.OFF);
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
        assertThat(world.sessions.expiredTotal()).isEqualTo(60);
        assertThat(world.sessions.brake()).isEqualTo(BrakeState.OFF);
    }
}
