package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.session.ClusterWorld.Server;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions of several servers on one store. */
class ClusterSessionsTest {

    /** From the end of a server to the end of the sessions nobody resumed. */
    private static final Duration LEASE_AND_GRACE = ClusterWorld.LEASE.plus(SessionSettings.DEFAULT.orphanGrace());

    private static final Duration ALMOST = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(3);

    private ClusterWorld world = new ClusterWorld(3);
    private Server a = world.server(0);
    private Server b = world.server(1);
    private Server c = world.server(2);

    private void world(int servers, SessionSettings settings) {
        world = new ClusterWorld(servers, settings, 1);
        a = world.server(0);
        b = world.server(1);
    }

    private static SessionSettings with(BrakeSettings brake) {
        SessionSettings defaults = SessionSettings.DEFAULT;
        return new SessionSettings(
                defaults.ttl(),
                defaults.heartbeatInterval(),
                defaults.reconnectGrace(),
                defaults.restartGrace(),
                defaults.orphanGrace(),
                defaults.pause(),
                brake);
    }

    private List<TestLink> opened(Server server, int count) {
        List<TestLink> links = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TestLink link = server.link();
            link.open(Duration.ZERO);
            links.add(link);
        }
        world.steps.run();
        return links;
    }

    @Test
    void resume_onAnotherServer_isOneWriteAndNoChange() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        link.close(CloseCause.PEER_RESET);
        int commits = world.commits.size();
        TestLink next = b.resumed(link, "x");
        assertThat(next.fence()).isEqualTo(link.fence() + 1);
        assertThat(world.commits).hasSize(commits + 1);
        assertThat(a.sessions().count(SessionState.SUSPECT)).isZero();
        assertThat(b.sessions().adoptedTotal()).isEqualTo(1);
        assertThat(a.sessions().elsewhere()).isEqualTo(1);
        world.keepAlive(Duration.ofSeconds(60), next);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_onAnotherServer_endsTheFormerLinkAsFenced_orAsWhatItWasAskedFor() {
        TestLink first = a.opened();
        TestLink second = a.opened();
        second.executor().execute(() -> second.link.drain(CloseCause.MAX_AGE, ALMOST, ALMOST));
        world.steps.run();
        assertThat(b.resumed(first, "x").isOpened()).isTrue();
        assertThat(b.resumed(second, "y").isOpened()).isTrue();
        assertThat(first.endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(second.endCause()).isEqualTo(CloseCause.MAX_AGE);
        assertThat(a.sessions().count(SessionState.ACTIVE)).isZero();
    }

    @Test
    void expiry_onItsWayWhileAnotherServerAdopts_fails() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.lag(true);
        link.close(CloseCause.PEER_RESET);
        TestLink next = b.resumed(link, "x");
        world.keepAlive(Duration.ofSeconds(14), next);
        assertThat(a.sessions().expiredTotal()).isZero();
        assertThat(a.sessions().count(SessionState.EXPIRED)).isZero();
        a.lag(false);
        world.keepAlive(Duration.ofSeconds(14), next);
        assertThat(next.ending()).isNull();
        assertThat(world.changes).hasSize(1);
    }

    /** A resume that a frozen server finds in its buffers must not stop the client, which is on another server by now. */
    @Test
    void resume_foundLateByAFrozenServer_movesTheSessionButFencesNobody() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        b.freeze();
        TestLink late = b.link();
        late.resume(link.id(), link.fence(), "x");
        TestLink next = c.resumed(link, "x");
        assertThat(next.fence()).isEqualTo(link.fence() + 1);
        b.thaw();
        world.steps.run();
        assertThat(late.fence()).isEqualTo(next.fence());
        assertThat(next.endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        TestLink again = c.resumed(next, "y");
        world.keepAlive(Duration.ofSeconds(20), again);
        assertThat(late.endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(again.ending()).isNull();
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_answeredAfterAnotherServerHasTheSession_endsAndLeavesNothing() {
        TestLink link = a.opened();
        TestLink late = b.link();
        late.resume(link.id(), link.fence(), "x");
        while (record(link).fence() == link.fence()) {
            assertThat(world.steps.step()).isTrue();
        }
        b.freeze();
        TestLink next = c.resumed(link, "x");
        assertThat(next.fence()).isEqualTo(link.fence() + 1);
        b.thaw();
        world.keepAlive(Duration.ofSeconds(20), next);
        assertThat(late.endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        assertThat(next.ending()).isNull();
        assertThat(b.sessions().count(SessionState.ACTIVE)).isZero();
    }

    private SessionRecord record(TestLink link) {
        SessionRecord record = world.record(link.id());
        if (record == null) {
            throw new AssertionError("the session is gone");
        }
        return record;
    }

    @Test
    void kill_clientsComeToAnotherServerWithinTheGrace_changesNothing() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.kill();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        TestLink next = b.resumed(link, "x");
        world.keepAlive(Duration.ofSeconds(60), next);
        assertThat(world.changes).hasSize(1);
        assertThat(b.sessions().reapedTotal() + c.sessions().reapedTotal()).isZero();
    }

    @Test
    void kill_nobodyComes_theOldestServerLeftRemovesAfterTheGrace() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.kill();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(SOON);
        assertThat(world.removals()).containsExactly(RemovalReason.SESSION_EXPIRED);
        assertThat(world.record(link.id())).isNull();
        assertThat(b.sessions().reapedTotal()).isEqualTo(1);
        assertThat(c.sessions().reapedTotal()).isZero();
        assertThat(b.sessions().expiredTotal()).isZero();
        assertThat(b.sessions().count(SessionState.EXPIRED)).isZero();
    }

    @Test
    void kill_ofTheReaperToo_theNextOneCountsAnew() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        c.kill();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        a.kill();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(SOON);
        assertThat(world.registered("i")).isFalse();
        assertThat(b.sessions().reapedTotal()).isEqualTo(1);
    }

    @Test
    void absent_butTakingASession_theGraceCountsAnew() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        c.freeze();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        RecordKey.OfSession late = new RecordKey.OfSession("f".repeat(32));
        var unused = world.store.commit(new Transaction(
                List.of(),
                List.of(new Mutation(late, new SessionRecord(c.owner(), 1, "", 15_000, ClientInfo.UNKNOWN, null)))));
        world.pass(SessionSettings.DEFAULT.orphanGrace().minus(ALMOST));
        assertThat(world.registered("i")).isTrue();
        assertThat(world.record(late.sessionId())).isNotNull();
        world.pass(SOON);
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
        world.pass(SessionSettings.DEFAULT.orphanGrace().minus(ALMOST));
        assertThat(world.registered("i")).isTrue();
        world.pass(SOON);
        assertThat(world.registered("i")).isFalse();
    }

    @Test
    void kill_inTheMiddleOfAGoodbye_isFinishedAsOneByTheReaper() {
        TestLink link = a.opened();
        for (int i = 0; i < 150; i++) {
            a.register(link.id(), "i" + i);
        }
        link.goodbye();
        while (!record(link).closing()) {
            assertThat(world.steps.step()).isTrue();
        }
        a.kill();
        world.pass(LEASE_AND_GRACE.plus(SOON));
        assertThat(world.removals()).hasSize(150).containsOnly(RemovalReason.DEREGISTERED);
        assertThat(world.record(link.id())).isNull();
    }

    @Test
    void present_again_keepsItsSessions() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.freeze();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        a.thaw();
        world.keepAlive(Duration.ofSeconds(60), link);
        assertThat(world.changes).hasSize(1);
        assertThat(link.ending()).isNull();
        assertThat(a.sessions().count(SessionState.ACTIVE)).isEqualTo(1);
    }

    @Test
    void present_againWhileTheReaperDoesNotKnow_theGuardKeepsItsSessions() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.freeze();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        b.lag(true);
        a.thaw();
        world.keepAlive(Duration.ofSeconds(5), link);
        assertThat(world.registered("i")).isTrue();
        b.lag(false);
        world.keepAlive(Duration.ofSeconds(60), link);
        assertThat(world.changes).hasSize(1);
        assertThat(b.sessions().count(SessionState.SUSPECT)).isZero();
        assertThat(b.sessions().reapedTotal()).isZero();
    }

    @Test
    void orphans_many_goAtThePace() {
        world(2, with(new BrakeSettings(1, 50, Duration.ofSeconds(60), Duration.ofMinutes(15), 500)));
        opened(a, 1_200);
        a.kill();
        world.pass(LEASE_AND_GRACE.minus(ALMOST));
        long reaped = b.sessions().reapedTotal();
        assertThat(reaped).isZero();
        for (int second = 0; second < 5; second++) {
            world.pass(Duration.ofSeconds(1));
            assertThat(b.sessions().reapedTotal() - reaped).isLessThanOrEqualTo(500);
            reaped = b.sessions().reapedTotal();
        }
        assertThat(reaped).isEqualTo(1_200);
        assertThat(b.view().sessions()).isEmpty();
    }

    @Test
    void orphans_moreThanBelievable_areHeldUntilReleased() {
        opened(a, 60);
        List<TestLink> others = opened(b, 60);
        a.kill();
        world.keepAlive(LEASE_AND_GRACE.plus(SOON), others.toArray(TestLink[]::new));
        assertThat(b.sessions().brake()).isEqualTo(BrakeState.HOLDING);
        assertThat(b.sessions().held()).isEqualTo(60);
        assertThat(c.sessions().brake()).isEqualTo(BrakeState.OFF);
        assertThat(b.sessions().release()).isTrue();
        world.keepAlive(Duration.ofSeconds(2), others.toArray(TestLink[]::new));
        assertThat(b.sessions().reapedTotal()).isEqualTo(60);
        assertThat(b.view().sessions()).hasSize(60);
    }

    @Test
    void orphans_heldAndTheirServerBack_areItsOwnAgain() {
        TestLink[] links = opened(a, 60).toArray(TestLink[]::new);
        a.freeze();
        world.pass(LEASE_AND_GRACE.plus(SOON));
        assertThat(b.sessions().held()).isEqualTo(60);
        a.thaw();
        world.keepAlive(Duration.ofSeconds(20), links);
        assertThat(b.sessions().brake()).isEqualTo(BrakeState.OFF);
        assertThat(b.sessions().count(SessionState.SUSPECT)).isZero();
        assertThat(a.sessions().count(SessionState.ACTIVE)).isEqualTo(60);
    }

    @Test
    void brake_countsWhatExpiresOnOtherServers() {
        opened(a, 30);
        opened(b, 30);
        a.sessions().links().forEach(link -> link.executor().execute(() -> link.closed(CloseCause.PEER_RESET)));
        world.pass(Duration.ofSeconds(12));
        assertThat(a.sessions().expiredTotal()).isEqualTo(30);
        world.pass(Duration.ofSeconds(10));
        assertThat(b.sessions().brake()).as("30 here after 30 there").isEqualTo(BrakeState.HOLDING);
        assertThat(b.sessions().expiredTotal()).isZero();
    }

    @Test
    void cutOff_takesNoSessionEndsNoneAndAsksItsClientsToMove() {
        TestLink link = a.opened();
        TestLink silent = a.opened();
        a.register(link.id(), "i");
        a.register(silent.id(), "s");
        a.cut();
        world.keepAlive(ClusterWorld.LEASE, link);
        assertThat(link.drains).containsExactly(CloseCause.SERVER_BEHIND);
        TestLink refused = a.opened();
        SessionEnd end = refused.ending();
        assertThat(refused.endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        assertThat(end == null ? null : end.refusal()).isInstanceOf(Refusal.Unavailable.class);
        assertThat(a.resumed(silent, "x").endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        TestLink moved = b.resumed(link, "x");
        a.heal();
        world.keepAlive(Duration.ofSeconds(10), moved);
        assertThat(link.endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        assertThat(world.registered("s"))
                .as("a full TTL since the store is back")
                .isTrue();
        world.keepAlive(Duration.ofSeconds(10), moved);
        assertThat(world.registered("s")).isFalse();
        assertThat(world.registered("i")).isTrue();
        assertThat(a.opened().isOpened()).isTrue();
    }

    @Test
    void cutOff_forLong_itsSessionsAreOrphans() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.cut();
        world.keepAlive(LEASE_AND_GRACE.minus(ALMOST), link);
        assertThat(world.registered("i")).isTrue();
        world.keepAlive(SOON, link);
        assertThat(world.registered("i")).isFalse();
        assertThat(link.ending()).isNull();
        a.heal();
        world.keepAlive(SOON, link);
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(a.sessions().count(SessionState.ACTIVE)).isZero();
    }

    @Test
    void leaving_theReaper_anotherOneReaps() {
        TestLink link = c.opened();
        c.register(link.id(), "i");
        a.leave();
        c.kill();
        world.pass(LEASE_AND_GRACE.plus(SOON));
        assertThat(world.registered("i")).isFalse();
        assertThat(b.sessions().reapedTotal()).isEqualTo(1);
    }

    @Test
    void adoptions_many_shareCommits() {
        List<TestLink> links = opened(a, 1_000);
        a.kill();
        int commits = world.commits.size();
        List<TestLink> next = new ArrayList<>();
        for (TestLink link : links) {
            TestLink resumed = b.link();
            resumed.resume(link.id(), link.fence(), "x");
            next.add(resumed);
        }
        world.steps.run();
        assertThat(next).allMatch(TestLink::isOpened);
        assertThat(b.sessions().adoptedTotal()).isEqualTo(1_000);
        assertThat(world.commits.size() - commits).isLessThan(100);
        assertThat(world.commits).allMatch(commit -> commit.sessions().size() <= Adoptions.TOGETHER);
    }

    @Test
    void adoptions_oneOfManyRefused_theOthersAreNot() {
        List<TestLink> links = opened(a, 100);
        TestLink elsewhere = c.resumed(links.get(50), "elsewhere");
        b.lag(true);
        TestLink left = links.get(70);
        left.goodbye();
        world.steps.run();
        List<TestLink> next = new ArrayList<>();
        for (TestLink link : links) {
            TestLink resumed = b.link();
            resumed.resume(link.id(), link.fence(), "x");
            next.add(resumed);
        }
        world.steps.run();
        assertThat(next.get(50).endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(next.get(70).endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(next.stream().filter(TestLink::isOpened)).hasSize(98);
        assertThat(elsewhere.ending()).isNull();
    }
}
