package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Interest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowSnapshotTest {

    /** Without another commit nothing would ever tell the client, while heartbeats say it has everything. */
    @Test
    void snapshot_readSoSlowlyThatTheHistoryAfterItIsGone_isFollowedByAnotherOne() {
        Ledger ledger = new Ledger();
        try (WatchWorld world = new WatchWorld(1, new InMemoryEngine(), ledger)) {
            commit(world, 100);
            WatchWorld.Connection connection =
                    world.new Connection(List.of(new Interest(WatchWorld.NAMESPACE, "", Map.of())));
            connection.connect(world.servers.get(0));
            connection.allow(2);
            commit(world, 5);
            world.pass(Duration.ofMinutes(11));
            connection.allow(100);
            world.loops.forEach(StepExecutor::runAll);
            connection.read(100);

            assertThat(ledger.met()).containsEntry("INITIAL", 1).containsEntry("COMPACTED", 1);
            assertThat(connection.clients.values()).allMatch(client -> client.has(world.truth.head()));
        }
        ledger.verify(Guarantee.BOOKMARKABLE, 1);
    }

    private static void commit(WatchWorld world, int commits) {
        for (int i = 0; i < commits; i++) {
            world.commitSomething();
        }
    }
}
