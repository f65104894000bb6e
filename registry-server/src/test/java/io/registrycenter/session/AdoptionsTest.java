package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.session.ClusterWorld.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions that go from one server to another, with their clients. */
class AdoptionsTest {

    private final ClusterWorld world = new ClusterWorld(3);
    private final Server a = world.server(0);
    private final Server b = world.server(1);
    private final Server c = world.server(2);

    @Test
    void resume_onAnotherServer_isOneWriteAndNoChange() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        link.close(CloseCause.PEER_RESET);
        int commits = world.commits.size();
        TestLink next = b.resumed(link, "x");
        assertThat(next.fence()).isEqualTo(link.fence() + 1);
        assertThat(world.commits).hasSize(commits + 1);
        assertThat(a.sessions().stats().count(SessionState.SUSPECT)).isZero();
        assertThat(b.sessions().stats().adopted()).isEqualTo(1);
        assertThat(a.sessions().stats().elsewhere()).isEqualTo(1);
        world.keepAlive(Duration.ofSeconds(60), next);
        assertThat(world.changes).hasSize(1);
    }

    @Test
    void resume_onAnotherServer_endsTheFormerLinkAsFenced_orAsWhatItWasAskedFor() {
        TestLink first = a.opened();
        TestLink second = a.opened();
        second.executor()
                .execute(() -> second.link.drain(CloseCause.MAX_AGE, ClusterWorld.ALMOST, ClusterWorld.ALMOST));
        world.steps.run();
        assertThat(b.resumed(first, "x").isOpened()).isTrue();
        assertThat(b.resumed(second, "y").isOpened()).isTrue();
        assertThat(first.endCause()).isEqualTo(CloseCause.FENCED);
        assertThat(second.endCause()).isEqualTo(CloseCause.MAX_AGE);
        assertThat(a.sessions().stats().count(SessionState.ACTIVE)).isZero();
    }

    @Test
    void resumes_asManyFaultsAsMayBeUnderWay_areAnsweredAndTheNextOneGoes() {
        for (int i = 0; i <= Adoptions.UNDER_WAY; i++) {
            TestLink link = a.opened();
            world.store.throwCommits(1);
            assertThat(b.resumed(link, "x" + i).endCause()).isEqualTo(CloseCause.SERVER_FAULT);
        }
        TestLink link = a.opened();
        assertThat(b.resumed(link, "y").isOpened()).isTrue();
    }

    @Test
    void expiry_onItsWayWhileAnotherServerAdopts_fails() {
        TestLink link = a.opened();
        a.register(link.id(), "i");
        a.lag(true);
        link.close(CloseCause.PEER_RESET);
        TestLink next = b.resumed(link, "x");
        world.keepAlive(Duration.ofSeconds(14), next);
        assertThat(a.sessions().stats().expired()).isZero();
        assertThat(a.sessions().stats().count(SessionState.EXPIRED)).isZero();
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
        while (world.recordOf(link).fence() == link.fence()) {
            assertThat(world.steps.step()).isTrue();
        }
        b.freeze();
        TestLink next = c.resumed(link, "x");
        assertThat(next.fence()).isEqualTo(link.fence() + 1);
        b.thaw();
        world.keepAlive(Duration.ofSeconds(20), next);
        assertThat(late.endCause()).isEqualTo(CloseCause.SERVER_BEHIND);
        assertThat(next.ending()).isNull();
        assertThat(b.sessions().stats().count(SessionState.ACTIVE)).isZero();
    }

    @Test
    void adoptions_many_shareCommits() {
        List<TestLink> links = a.opened(1_000);
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
        assertThat(b.sessions().stats().adopted()).isEqualTo(1_000);
        assertThat(world.commits.size() - commits).isLessThan(100);
        assertThat(world.commits).allMatch(commit -> commit.sessions().size() <= Adoptions.TOGETHER);
    }

    @Test
    void adoptions_oneOfManyRefused_theOthersAreNot() {
        List<TestLink> links = a.opened(100);
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
