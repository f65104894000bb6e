package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.session.ClusterWorld.Server;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions whose server is dead, frozen or leaving: who removes them, and when. */
class OrphansTest {

    private final ClusterWorld world = new ClusterWorld(3);
    private final Server a = world.server(0);
    private final Server b = world.server(1);
    private final Server c = world.server(2);

    @Test
    void kill_clientsComeToAnotherServerWithinTheGrace_changesNothing() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        TestLink next = b.resumed(link, "x");
        world.keepAlive(Duration.ofSeconds(60), next);
        assertThat(world.changes).hasSize(1);
        assertThat(b.sessions().stats().reaped() + c.sessions().stats().reaped())
                .isZero();
    }

    @Test
    void kill_nobodyComes_theOldestServerLeftRemovesAfterTheGrace() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(ClusterWorld.SOON);
        assertThat(world.removals()).containsExactly(RemovalReason.SESSION_EXPIRED);
        assertThat(world.record(link.id())).isNull();
        assertThat(b.sessions().stats().reaped()).isEqualTo(1);
        assertThat(c.sessions().stats().reaped()).isZero();
        assertThat(b.sessions().stats().expired()).isZero();
        assertThat(b.sessions().stats().count(SessionState.EXPIRED)).isZero();
    }

    @Test
    void kill_ofTheReaperToo_theNextOneCountsAnew() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        c.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        a.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(ClusterWorld.SOON);
        assertThat(world.registered("i")).isFalse();
        assertThat(b.sessions().stats().reaped()).isEqualTo(1);
    }

    @Test
    void absent_butTakingASession_theGraceCountsAnew() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        c.freeze();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        RecordKey.OfSession late = new RecordKey.OfSession("f".repeat(32));
        var unused = world.store.commit(new Transaction(
                List.of(),
                List.of(new Mutation(late, new SessionRecord(c.owner(), 1, "", 15_000, ClientInfo.UNKNOWN, null)))));
        world.pass(SessionSettings.DEFAULT.orphanGrace().minus(ClusterWorld.ALMOST));
        assertThat(world.registered("i")).isTrue();
        assertThat(world.record(late.sessionId())).isNotNull();
        world.pass(ClusterWorld.SOON);
        assertThat(world.registered("i")).isFalse();
        assertThat(world.record(late.sessionId())).isNull();
    }

    @Test
    void kill_ofAll_theGraceCountsFromReady() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        world.servers.forEach(Server::kill);
        world.pass(Duration.ofMinutes(5));
        world.servers.forEach(Server::start);
        world.pass(SessionSettings.DEFAULT.orphanGrace().minus(ClusterWorld.ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(ClusterWorld.SOON);
        assertThat(world.registered("i")).isFalse();
    }

    @Test
    void kill_inTheMiddleOfAGoodbye_isFinishedAsOneByTheReaper() {
        TestLink link = a.opened();
        for (int i = 0; i < 150; i++) {
            a.register(link.id(), "i" + i);
        }
        link.goodbye();
        while (!world.recordOf(link).closing()) {
            assertThat(world.steps.step()).isTrue();
        }
        a.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.plus(ClusterWorld.SOON));
        assertThat(world.removals()).hasSize(150).containsOnly(RemovalReason.DEREGISTERED);
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void present_again_keepsItsSessions() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.freeze();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        a.thaw();
        world.keepAlive(Duration.ofSeconds(60), link);
        assertThat(world.changes).hasSize(1);
        assertThat(link.ending()).isNull();
        assertThat(a.sessions().stats().count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void present_againWhileTheReaperDoesNotKnow_theGuardKeepsItsSessions() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.freeze();
        world.pass(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST));
        b.lag(true);
        a.thaw();
        world.keepAlive(Duration.ofSeconds(5), link);
        assertThat(world.registered("i")).isTrue();
        b.lag(false);
        world.keepAlive(Duration.ofSeconds(60), link);
        assertThat(world.changes).hasSize(1);
        assertThat(b.sessions().stats().count(SessionState.SUSPECT)).isZero();
        assertThat(b.sessions().stats().reaped()).isZero();
    }

    @Test
    void leaving_theReaper_anotherOneReaps() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        a.leave();
        c.kill();
        world.pass(ClusterWorld.LEASE_AND_GRACE.plus(ClusterWorld.SOON));
        assertThat(world.registered("i")).isFalse();
        assertThat(b.sessions().stats().reaped()).isEqualTo(1);
    }
}
