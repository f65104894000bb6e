package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.session.ClusterWorld.Server;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A server that does not reach the store, while its clients and the other servers do well. */
class CutOffTest {

    private final ClusterWorld world = new ClusterWorld(3);
    private final Server a = world.server(0);
    private final Server b = world.server(1);

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
        world.keepAlive(ClusterWorld.LEASE_AND_GRACE.minus(ClusterWorld.ALMOST), link);
        assertThat(world.registered("i")).isTrue();
        world.keepAlive(ClusterWorld.SOON, link);
        assertThat(world.registered("i")).isFalse();
        assertThat(link.ending()).isNull();
        a.heal();
        world.keepAlive(ClusterWorld.SOON, link);
        assertThat(link.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(a.sessions().stats().count(SessionState.ACTIVE)).isZero();
    }

    @Test
    void cutOff_acrossACompaction_knowsWhatBecameOfItsSessions() {
        TestLink moved = a.opened();
        TestLink gone = a.opened();
        TestLink stays = a.opened();
        a.register(moved.id(), "moved");
        a.register(moved.id(), "taken");
        a.register(gone.id(), "gone");
        a.register(stays.id(), "stays");
        a.cut();
        TestLink there = b.resumed(moved, "x");
        TestLink other = b.opened();
        b.register(other.id(), "taken");
        b.resumed(gone, "y").goodbye();
        world.pass(ClusterWorld.SOON);
        a.healCompacted();
        world.keepAlive(ClusterWorld.SOON, there, other, stays);
        assertThat(moved.endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(gone.endCause()).isEqualTo(CloseCause.SESSION_EXPIRED);
        assertThat(stays.ending()).isNull();
        assertThat(a.sessions().stats().count(SessionState.ACTIVE)).isEqualTo(1);
        assertThat(a.sessions().stats().elsewhere()).isEqualTo(2);
        assertThat(a.sessions().lostBy(moved.id())).containsOnlyKeys(ClusterWorld.key("taken"));
        assertThat(a.opened().isOpened()).isTrue();
        world.keepAlive(ClusterWorld.LEASE_AND_GRACE, there, other);
        assertThat(world.registered("stays")).as("silent since then").isFalse();
        assertThat(world.registered("moved")).isTrue();
    }

    @Test
    void blindServer_whoseSignOfLifeGetsThrough_keepsNoClaimOnItsSessions() {
        TestLink dies = a.opened();
        a.register(dies.id(), "dies");
        TestLink lives = a.opened();
        a.register(lives.id(), "lives");
        a.blind();
        world.pass(ClusterWorld.SOON);
        TestLink moved = b.resumed(lives, "x");
        world.keepAlive(world.settings.ttl().plus(world.settings.orphanGrace()), moved);
        assertThat(world.registered("dies")).isFalse();
        assertThat(world.registered("lives")).isTrue();
        a.heal();
        world.keepAlive(ClusterWorld.SOON, moved);
        TestLink again = a.opened();
        a.register(again.id(), "again");
        world.keepAlive(ClusterWorld.LEASE_AND_GRACE, moved, again);
        assertThat(world.registered("again")).isTrue();
    }
}
