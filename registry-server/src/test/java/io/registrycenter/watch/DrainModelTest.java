package io.registrycenter.watch;

import io.registrycenter.Proof;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.View;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * No wake-up is lost: what is published before a lane runs, that run tells to everybody on the lane, whatever the applier does
 * while members attach, are served and leave. None is run twice at once either: a lane stands in its executor's queue once at
 * most, and a member is woken by one thread at a time. Checked over the interleavings of the applier and one lane.
 */
public class DrainModelTest {

    /** Two, so that one run of the lane may have more than one to serve. */
    private static final int SCOPES = 2;

    /** More than a scope has room for at first, so that its table grows while the applier reads it. */
    private static final int LANE = 2;

    /** What is told of a scope that nobody is attached to: more commits than there are. */
    private static final int NOBODY = 9;

    // Takes no part, and is shared.
    private static final WatchStats STATS = new WatchStats();
    private static final Tape.Reel REEL = new Tape().reel(1, 0);
    private static final SnapshotCache SNAPSHOTS = new SnapshotCache(
            new View("e1"), new WordsEncoding(), new Interest("shop", "", Map.of()), 1, new SnapshotShelf(1), () -> 0);

    private final LaneLoop loop = new LaneLoop();

    /** Time passes with every look at the clock, so that a lane rests between its rounds. */
    private long ticks;

    private final Lane lane = new Lane(loop, LANE, STATS, () -> ++ticks);
    private final Scope[] scopes = new Scope[SCOPES];

    /** Oldest first. Touched by the lane only. */
    private final ArrayDeque<Member> attached = new ArrayDeque<>();

    public DrainModelTest() {
        for (int i = 0; i < SCOPES; i++) {
            scopes[i] = new Scope(new Scope.Key("shop", Integer.toString(i)), 0, SNAPSHOTS);
        }
    }

    /** As {@link Hub#applied} does it: the ring first, then the wake-up. */
    @Operation(nonParallelGroup = "applier")
    public void publish(@Param(gen = IntGen.class, conf = "0:1") int which) {
        Scope scope = scopes[which];
        long seq = scope.ring().tail();
        scope.append(new HistoryEntry(seq, seq, seq + 1, REEL, 0, 1, List.of(), seq, seq, 0));
        scope.wake(0);
    }

    /** As {@link Hub#attach} and {@link Subscription#place} do it: it is counted first, then it looks at the ring. */
    @Operation(nonParallelGroup = "lane")
    public void attach(@Param(gen = IntGen.class, conf = "0:1") int which) {
        LaneMembers members = scopes[which].attach(lane);
        if (members == null) {
            throw new IllegalStateException("nobody retires it");
        }
        Member member = new Member(scopes[which], members);
        members.add(member);
        attached.add(member);
        member.wake();
    }

    /** The oldest goes. */
    @Operation(nonParallelGroup = "lane")
    public void leave() {
        Member oldest = attached.poll();
        if (oldest != null) {
            oldest.members.remove(oldest);
            oldest.scope.detach();
        }
    }

    /** Runs what waits for the lane. Answers how many commits everybody was told: tens of one scope, ones of the other. */
    @Operation(nonParallelGroup = "lane")
    public int serve() {
        loop.run();
        return 10 * toldToAll(scopes[0]) + toldToAll(scopes[1]);
    }

    private int toldToAll(Scope scope) {
        int least = NOBODY;
        for (Member member : attached) {
            if (member.scope == scope) {
                least = Math.min(least, member.told);
            }
        }
        return least;
    }

    /** When the applier is done and everything scheduled has run, everybody was told everything. */
    @Validate
    public void everybodyIsTold() {
        loop.run();
        for (Scope scope : scopes) {
            int told = toldToAll(scope);
            if (told != NOBODY && told != scope.ring().tail()) {
                throw new IllegalStateException(
                        "told " + told + " of " + scope.ring().tail() + " commits");
            }
        }
    }

    /** What is promised: a run tells everything to all. */
    public static final class Promise {

        private final int[] published = new int[SCOPES];
        private final ArrayDeque<Integer> attached = new ArrayDeque<>();

        public void publish(int which) {
            published[which]++;
        }

        public void attach(int which) {
            attached.add(which);
        }

        public void leave() {
            attached.poll();
        }

        public int serve() {
            return 10 * toldToAll(0) + toldToAll(1);
        }

        private int toldToAll(int which) {
            return attached.contains(which) ? published[which] : NOBODY;
        }
    }

    @Test
    void everyInterleavingOfTheApplierAndALane_losesNoWakeUp() {
        new ModelCheckingOptions()
                .iterations(Proof.times(12, 60))
                .invocationsPerIteration(Proof.times(150, 600))
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(2)
                .actorsAfter(0)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Promise.class)
                .check(DrainModelTest.class);
    }

    /**
     * One commit waits to be told when the next one comes while the lane runs: the narrowest windows there are, between the last
     * look and the flag that says that somebody looks. Every small search goes through them.
     */
    @Test
    void aCommitThatComesWhileTheLaneRuns_isTold() throws NoSuchMethodException {
        Actor publish = actor("publish", 0);
        Actor serve = actor("serve");
        new ModelCheckingOptions()
                .addCustomScenario(scenario(List.of(actor("attach", 0), publish), List.of(serve), List.of(publish)))
                .addCustomScenario(scenario(
                        List.of(actor("attach", 0), actor("attach", 1), publish),
                        List.of(serve),
                        List.of(actor("publish", 1), publish)))
                .iterations(0)
                .invocationsPerIteration(Proof.times(200, 10_000))
                .minimizeFailedScenario(false)
                .sequentialSpecification(Promise.class)
                .check(DrainModelTest.class);
    }

    private static ExecutionScenario scenario(List<Actor> before, List<Actor> lane, List<Actor> applier)
            throws NoSuchMethodException {
        return new ExecutionScenario(before, List.of(lane, applier), List.of(), actor("everybodyIsTold"));
    }

    /** One call of an operation of this class; its arguments are the numbers of scopes. */
    private static Actor actor(String operation, Integer... which) throws NoSuchMethodException {
        Class<?>[] types = Stream.of(which).map(any -> int.class).toArray(Class<?>[]::new);
        return new Actor(DrainModelTest.class.getMethod(operation, types), List.of(which));
    }

    /** The lane's thread: what it is given waits until the lane is served. */
    private static final class LaneLoop implements EventLoop {

        private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

        @Override
        public void execute(Runnable task) {
            if (!tasks.isEmpty()) {
                throw new IllegalStateException("scheduled twice");
            }
            tasks.add(task);
        }

        @Override
        public void executeLater(Runnable task, long delayNanos) {
            execute(task);
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    /** Is told what the ring has whenever it is woken. */
    private static final class Member extends LaneMember {

        private final Scope scope;
        private final LaneMembers members;
        private volatile boolean awake;
        private int told;

        Member(Scope scope, LaneMembers members) {
            this.scope = scope;
            this.members = members;
        }

        @Override
        void wake() {
            if (awake) {
                throw new IllegalStateException("woken twice at once");
            }
            awake = true;
            told = (int) scope.ring().tail();
            awake = false;
        }
    }
}
