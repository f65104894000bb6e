package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Interest;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A lane that has more to tell than it can rests, so that what comes meanwhile is told together; another never does. */
class LaneRestTest {

    private static final long MS = 1_000_000;

    private final ManualLoop loop = new ManualLoop();
    private final Lane lane = new Lane(loop, 0, new WatchStats(), () -> loop.nowNanos);
    private final SnapshotCache snapshots = new SnapshotCache(
            new View("e1"), new WordsEncoding(), new Interest("shop", "", Map.of()), 1, new SnapshotShelf(1), () -> 0);
    private final Scope scope = new Scope(new Scope.Key("shop", "orders"), 0, snapshots);
    private int woken;

    @Test
    void wokenWhileItTells_restsAsLongAsThatTook() {
        watch(3, true);
        wake();
        loop.runTasks();
        assertThat(woken).isEqualTo(3);
        assertThat(loop.delays()).containsExactly(3 * MS);
        loop.pass();
        assertThat(woken).as("the second round").isEqualTo(6);
    }

    @Test
    void longRound_restsForTenMilliseconds() {
        watch(400, true);
        wake();
        loop.runTasks();
        assertThat(woken).isEqualTo(400);
        assertThat(loop.delays()).containsExactly(10 * MS);
    }

    @Test
    void wokenWhileItRests_isNotWokenTwice() {
        watch(3, true);
        wake();
        loop.runTasks();
        wake();
        wake();
        loop.runTasks();
        assertThat(woken).isEqualTo(3);
        assertThat(loop.delays()).hasSize(1);
    }

    @Test
    void wokenLongAfterwards_tellsAtOnce() {
        watch(3, false);
        wake();
        loop.runTasks();
        loop.nowNanos += 4 * MS;
        wake();
        loop.runTasks();
        assertThat(woken).isEqualTo(6);
        assertThat(loop.delays()).isEmpty();
    }

    @Test
    void manyScopesAtOnce_areOneRound() {
        watch(3, false);
        Scope other = new Scope(new Scope.Key("shop", "carts"), 0, snapshots);
        watch(other, 2, false);
        wake();
        other.wake(loop.nowNanos);
        loop.runTasks();
        assertThat(woken).isEqualTo(5);
        assertThat(loop.delays()).isEmpty();
    }

    private void wake() {
        scope.wake(loop.nowNanos);
    }

    private void watch(int members, boolean publishesMeanwhile) {
        watch(scope, members, publishesMeanwhile);
    }

    private void watch(Scope watched, int members, boolean publishesMeanwhile) {
        LaneMembers mine = Objects.requireNonNull(watched.attach(lane), "nobody retires it");
        for (int i = 0; i < members; i++) {
            mine.add(new Member(publishesMeanwhile && i == 0));
        }
    }

    /** To be told takes a millisecond. */
    private final class Member extends LaneMember {

        private boolean publishes;

        Member(boolean publishes) {
            this.publishes = publishes;
        }

        @Override
        void wake() {
            loop.nowNanos += MS;
            woken++;
            if (publishes) {
                publishes = false;
                LaneRestTest.this.wake();
            }
        }
    }

    /** Time passes as the test says. */
    private static final class ManualLoop implements EventLoop {

        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private final ArrayDeque<Later> later = new ArrayDeque<>();
        private long nowNanos;

        private record Later(Runnable task, long delayNanos) {}

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void executeLater(Runnable task, long delayNanos) {
            later.add(new Later(task, delayNanos));
        }

        List<Long> delays() {
            return later.stream().map(Later::delayNanos).toList();
        }

        void runTasks() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        /** The one thing that waits has its time. */
        void pass() {
            Later next = later.remove();
            nowNanos += next.delayNanos();
            next.task().run();
            runTasks();
        }
    }
}
