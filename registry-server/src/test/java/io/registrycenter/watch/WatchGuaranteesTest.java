package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.catalog.Interest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.ShrinkingMode;

/** The guarantees of watching on generated histories with cuts, restarts, compactions and slow phases; see {@link WatchingClient}. */
@PropertyDefaults(tries = 300, shrinking = ShrinkingMode.OFF)
class WatchGuaranteesTest {

    private static final int STEPS = 300;

    private static final List<Interest> INTERESTS = List.of(
            new Interest(WatchWorld.NAMESPACE, "orders", Map.of()),
            new Interest(WatchWorld.NAMESPACE, "", Map.of()),
            new Interest(WatchWorld.NAMESPACE, "orders", Map.of("colour", "blue")),
            new Interest(WatchWorld.NAMESPACE, "", Map.of("colour", "green")),
            new Interest(WatchWorld.NAMESPACE, "nobody", Map.of()));

    private static final Map<String, Integer> met = new HashMap<>();

    @Property
    void every_guarantee_holds_on_every_schedule(@ForAll long seed) {
        for (int i = 0; i < Proof.times(1, 50); i++) {
            holds(seed + i * 1_000_003L);
        }
    }

    private static void holds(long seed) {
        WatchWorld world = new WatchWorld(seed);
        for (Interest interest : INTERESTS) {
            world.newClient(interest);
            world.newClient(interest);
        }
        for (int step = 0; step < STEPS; step++) {
            step(world);
        }
        settle(world);
        for (WatchWorld.Connection connection : world.connections) {
            assertThat(connection.client.state())
                    .as("convergent: in the end every client has the state of the store")
                    .isEqualTo(world.stateAt(world.head(), connection.client.interest()));
            connection.client.counts.forEach((what, times) -> met.merge(what, times, Integer::sum));
            world.cut(connection);
        }
        assertThat(world.hub.stats().streams()).as("no leak").isZero();
        assertThat(world.hub.stats().subscriptions()).as("no leak").isZero();
        assertThat(world.hub.stats().faults.sum()).as("no fault").isZero();
    }

    @Example
    void schedules_meet_every_kind_of_answer() {
        met.clear();
        for (long seed = 1; seed <= 40; seed++) {
            holds(seed);
        }
        assertThat(met).containsKeys("Welcome", "Snapshot", "Deltas", "Heartbeat", "INITIAL", "COMPACTED", "coalesced");
    }

    private static void step(WatchWorld world) {
        WatchWorld.Connection connection = world.connections.get(world.random.nextInt(world.connections.size()));
        switch (world.random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> world.commitSomething();
            case 6, 7, 8 -> world.loops.forEach(StepExecutor::runOne);
            case 9, 10 -> world.tick();
            case 11, 12 -> world.allow(connection, 1 + world.random.nextInt(4));
            case 13, 14, 15 -> world.read(connection, 1 + world.random.nextInt(5));
            case 16, 17, 18 -> {
                if (connection.stream == null) {
                    world.connect(connection, world.random.nextBoolean());
                } else if (world.random.nextInt(6) == 0) {
                    world.cut(connection);
                }
            }
            default -> {
                if (world.random.nextInt(12) == 0) {
                    world.restart();
                }
            }
        }
    }

    /** Everything heals: every client is connected and reads all there is. */
    private static void settle(WatchWorld world) {
        for (WatchWorld.Connection connection : world.connections) {
            if (connection.stream == null) {
                world.connect(connection, true);
            }
        }
        for (int round = 0; round < 20; round++) {
            for (WatchWorld.Connection connection : world.connections) {
                world.allow(connection, 100);
            }
            world.tick();
            world.loops.forEach(StepExecutor::runAll);
            for (WatchWorld.Connection connection : world.connections) {
                world.read(connection, 1_000);
            }
        }
    }
}
