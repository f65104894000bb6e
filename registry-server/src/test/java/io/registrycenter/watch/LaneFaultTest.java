package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.Interest;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A fault on a lane, or of its loop, does not keep its watchers from what comes next. */
class LaneFaultTest {

    private final FaultyLoop loop = new FaultyLoop();
    private final Lane lane = new Lane(loop, 0, new WatchStats(), () -> loop.nowNanos);
    private final SnapshotCache snapshots = new SnapshotCache(
            new View("e1"), new WordsEncoding(), new Interest("shop", "", Map.of()), 1, new SnapshotShelf(1), () -> 0);
    private final Scope scope = new Scope(new Scope.Key("shop", "orders"), 0, snapshots);
    private final List<String> told = new ArrayList<>();

    private final class Member extends LaneMember {
        private final String name;
        private boolean faulty;

        Member(String name, boolean faulty) {
            this.name = name;
            this.faulty = faulty;
        }

        @Override
        void wake() {
            if (faulty) {
                faulty = false;
                throw new AssertionError("a fault of the test");
            }
            told.add(name);
        }
    }

    /** Does not take the next task. */
    private static final class FaultyLoop implements EventLoop {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private long nowNanos;
        private int faults;

        @Override
        public void execute(Runnable task) {
            if (faults > 0) {
                faults--;
                throw new AssertionError("a fault of the test");
            }
            tasks.add(task);
        }

        @Override
        public void executeLater(Runnable task, long delayNanos) {
            execute(task);
        }

        /** As an event loop does: what a task throws is logged, and the next one runs. */
        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                nowNanos += 100_000_000;
                try {
                    task.run();
                } catch (AssertionError logged) {
                    assertThat(logged).hasMessage("a fault of the test");
                }
            }
        }
    }

    private void watch(Member... members) {
        LaneMembers mine = Objects.requireNonNull(scope.attach(lane), "nobody retires it");
        for (Member member : members) {
            mine.add(member);
        }
    }

    @Test
    void member_hasAFault_thoseBehindItAreToldTheSameCommit() {
        watch(new Member("a", false), new Member("b", true), new Member("c", false));
        scope.wake(loop.nowNanos);
        loop.run();
        assertThat(told).containsExactly("a", "c");
        scope.wake(loop.nowNanos);
        loop.run();
        assertThat(told).containsExactly("a", "c", "a", "b", "c");
    }

    @Test
    void loop_doesNotTakeAWakeUp_nextCommitIsTold() {
        watch(new Member("a", false));
        loop.faults = 1;
        assertThatThrownBy(() -> scope.wake(loop.nowNanos)).isInstanceOf(AssertionError.class);
        scope.wake(loop.nowNanos);
        loop.run();
        assertThat(told).contains("a");
    }
}
