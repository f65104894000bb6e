package io.registrycenter.session;

import static io.registrycenter.session.SessionWorld.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.registration.DeregisterCommand;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionResumeTest {

    private final SessionWorld world = new SessionWorld();

    @Test
    void resume_withinTheGrace_changesNothingForWatchers() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(9));
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        assertThat(again.fence()).isEqualTo(link.fence() + 1);
        world.keepAlive(Duration.ofSeconds(30), again);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_withACursorOfThisHistory_isNotToldOfAnother() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        Cursor heard = world.view.cursor();
        world.register(link.id(), "b");
        link.close(CloseCause.PEER_RESET);
        world.kill();
        world.start();
        TestLink again = world.resumedFrom(heard, link, "x");
        assertThat(again.answer().otherHistory()).isFalse();
        assertThat(world.resumedFrom(new Cursor("another", 99, 1), again, "y")
                        .answer()
                        .otherHistory())
                .as("the next heartbeat tells of another epoch")
                .isFalse();
    }

    @Test
    void resume_withACursorOfAHistoryThatWasThrownAway_isToldSo() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        Cursor here = world.view.cursor();
        Cursor thrownAway = new Cursor(here.epoch(), here.revision(), here.mark() + 1);
        TestLink again = world.resumedFrom(thrownAway, link, "x");
        assertThat(again.answer().otherHistory()).isTrue();
        Cursor neverThere = new Cursor(here.epoch(), world.store.head() + 1_000, here.mark());
        assertThat(world.resumedFrom(neverThere, again, "y").answer().otherHistory())
                .isTrue();
    }

    @Test
    void resume_onAServerThatLags_isAnsweredWhenItKnows() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        Cursor heard = world.view.cursor();
        link.close(CloseCause.PEER_RESET);
        world.kill();
        world.store.pauseDelivery();
        world.startLagging();
        TestLink again = world.resumedFrom(heard, link, "x");
        assertThat(again.isOpened()).isFalse();
        world.store.resumeDelivery();
        world.pass(Duration.ofMillis(100));
        assertThat(again.answer().otherHistory()).isFalse();
    }

    @Test
    void resume_afterExpiry_isToldSo() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(12));
        TestLink late = world.resumed(link.id(), link.fence(), "x");
        assertThat(late.expired).containsExactly(CloseCause.SESSION_EXPIRED);
        assertThat(late.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
    }

    @Test
    void resume_answerLost_isRepeatedWithTheSameAttemptAndAccepted() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        world.store.loseAnswers(1);
        TestLink unanswered = world.resumed(link.id(), link.fence(), "x");
        assertThat(unanswered.isOpened()).isFalse();
        long head = world.store.head();
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        assertThat(again.fence()).isEqualTo(link.fence() + 1);
        assertThat(world.store.head()).isEqualTo(head);
        assertThat(world.sessions.stats().count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void resume_killedBetweenCommitAndAnswer_isAcceptedByTheNextProcess() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.store.loseAnswers(1);
        TestLink unanswered = world.resumed(link.id(), link.fence(), "x");
        world.kill();
        world.start();
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        assertThat(unanswered.isOpened()).isFalse();
        assertThat(again.fence()).isEqualTo(link.fence() + 1);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_oldFenceOtherAttempt_isFencedAndChangesNothing() {
        TestLink link = world.opened();
        link.close(CloseCause.PEER_RESET);
        TestLink adopted = world.resumed(link.id(), link.fence(), "x");
        long head = world.store.head();
        TestLink zombie = world.resumed(link.id(), link.fence(), "y");
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
        TestLink second = world.resumed(link.id(), link.fence(), "x");
        second.close(CloseCause.PEER_RESET);
        TestLink third = world.resumed(link.id(), second.fence(), "y");
        assertThat(third.fence()).isEqualTo(link.fence() + 2);
    }

    @Test
    void resume_fenceNewerThanTheRecord_ofACopyThatWasPutBack_holdsTheSession() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        TestLink back = world.resumed(link.id(), link.fence() + 3, "x");
        assertThat(back.fence()).isEqualTo(link.fence() + 4);
        back.close(CloseCause.PEER_RESET);
        assertThat(world.resumed(link.id(), link.fence() + 3, "y").endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(world.resumed(link.id(), Long.MAX_VALUE, "z").endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_whileTheFormerLinkStands_endsTheFormerAsFenced() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        TestLink second = world.resumed(link.id(), link.fence(), "x");
        assertThat(link.endCause()).isEqualTo(CloseCause.FENCED);
        link.close(CloseCause.PEER_EOF);
        world.keepAlive(Duration.ofSeconds(30), second);
        assertThat(world.changes).hasSize(1);
        assertThat(world.sessions.stats().count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void resume_storeStalledBeyondTheGrace_isNotExpiredMeanwhile() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.pass(Duration.ofSeconds(9));
        world.store.holdCommits();
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        world.pass(Duration.ofSeconds(9));
        assertThat(world.sessions.stats().count(SessionState.SUSPECT)).isEqualTo(1);
        world.store.releaseCommits();
        world.keepAlive(Duration.ofSeconds(20), again);
        assertThat(again.isOpened()).isTrue();
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_committedBeforeTheExpiryThatWasDecidedFirst_wins() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        link.close(CloseCause.PEER_RESET);
        world.store.holdCommits();
        TestLink again = world.resumed(link.id(), link.fence(), "x");
        world.pass(Duration.ofSeconds(12));
        assertThat(world.sessions.stats().count(SessionState.EXPIRED)).isEqualTo(1);
        world.store.releaseCommits();
        world.keepAlive(Duration.ofSeconds(30), again);
        assertThat(again.isOpened()).isTrue();
        assertThat(again.ending()).isNull();
        assertThat(world.changes).hasSize(1);
        assertThat(world.sessions.stats().count(SessionState.EXPIRED)).isZero();
    }

    @Test
    void lost_replaced_isToldAtOnceAndAgainAfterAResume() {
        TestLink former = world.opened();
        world.register(former.id(), "a", "b");
        TestLink next = world.opened();
        world.register(next.id(), "a");
        assertThat(former.lost).containsOnlyKeys(key("a"));
        assertThat(former.lostReason(key("a"))).isEqualTo(LostReason.REPLACED);
        former.close(CloseCause.PEER_RESET);
        world.steps.run();
        world.register(next.id(), "b");
        TestLink again = world.resumed(former.id(), former.fence(), "x");
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
        assertThat(world.resumed(former.id(), former.fence(), "x").lost).containsOnlyKeys(key("a"));
    }

    @Test
    void lost_registeredAgain_isForgotten() {
        TestLink former = world.opened();
        world.register(former.id(), "a");
        TestLink next = world.opened();
        world.register(next.id(), "a");
        world.register(former.id(), "a");
        assertThat(next.lost).containsOnlyKeys(key("a"));
        assertThat(world.resumed(former.id(), former.fence(), "x").lost).isEmpty();
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
        assertThat(link.lostReason(key("a"))).isEqualTo(LostReason.ADMIN);
    }

    @Test
    void deregistered_byItself_isNotLost() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        var unused = world.registrations.deregister(new DeregisterCommand(key("a"), link.id(), "", () -> false));
        world.steps.run();
        assertThat(link.lost).isEmpty();
        assertThat(world.removals()).containsExactly(RemovalReason.DEREGISTERED);
    }
}
