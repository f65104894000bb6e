package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordValue.SessionRecord;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SessionRemovalTest {

    private final SessionWorld world = new SessionWorld();

    @Test
    void goodbye_removesAtOnceAndEndsTheLink() {
        TestLink link = world.opened();
        world.register(link.id(), "a", "b");
        link.goodbye();
        world.steps.run();
        assertThat(world.removals()).containsExactly(RemovalReason.DEREGISTERED, RemovalReason.DEREGISTERED);
        assertThat(link.endCause()).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(world.record(link.id())).isNull();
        assertThat(world.sessions.stats().expired()).isZero();
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
        assertThat(world.removals()).containsExactly(RemovalReason.DEREGISTERED);
    }

    @Test
    void goodbye_removalHasAFault_isDoneLater() {
        TestLink link = world.opened();
        world.register(link.id(), "a");
        world.store.throwCommits(1);
        link.goodbye();
        world.steps.run();
        assertThat(world.removals()).isEmpty();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.removals()).containsExactly(RemovalReason.DEREGISTERED);
    }

    @Test
    void goodbyes_asManyFaultsAsRemovalsMayBeUnderWay_nextOneGoes() {
        for (int i = 0; i < Removals.UNDER_WAY; i++) {
            TestLink link = world.opened();
            world.register(link.id(), "i" + i);
            world.store.throwCommits(1);
            link.goodbye();
            world.steps.run();
        }
        assertThat(world.removals()).isEmpty();
        TestLink last = world.opened();
        world.register(last.id(), "last");
        last.goodbye();
        world.steps.run();
        assertThat(world.removals()).containsExactly(RemovalReason.DEREGISTERED);
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
        assertThat(world.removals()).hasSize(250);
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void goodbye_killedInTheMiddle_isFinishedAsOneByTheNextProcess() {
        TestLink link = world.opened();
        for (int i = 0; i < 150; i++) {
            world.register(link.id(), "i" + i);
        }
        link.goodbye();
        while (!closing(link.id())) {
            assertThat(world.steps.step()).isTrue();
        }
        world.kill();
        world.steps.run();
        assertThat(world.removals()).hasSize(100);
        world.start();
        world.steps.run();
        assertThat(world.removals())
                .as("a goodbye stays a goodbye, whoever finishes it")
                .hasSize(150)
                .containsOnly(RemovalReason.DEREGISTERED);
        assertThat(world.record(link.id())).isNull();
        assertThat(world.sessions.stats().expired()).isZero();
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
        world.keepAlive(Duration.ofSeconds(12), next);
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
        assertThat(world.sessions.stats().count(SessionState.EXPIRED)).isEqualTo(1);
        world.store.releaseCommits();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.registered("a")).isFalse();
    }

    private boolean closing(String sessionId) {
        SessionRecord record = world.record(sessionId);
        return record != null && record.closing();
    }
}
