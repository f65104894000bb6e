package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Seeds;
import io.registrycenter.registration.Registered;
import io.registrycenter.session.ClusterWorld.Condition;
import io.registrycenter.session.ClusterWorld.Server;
import io.registrycenter.session.SimulatedClient.Fate;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Whole lives of three servers and their providers in virtual time: clients hop, answers are lost, and one server after the
 * other is killed, frozen, cut off from the store or drained, or all are killed at once. A failure names its seed;
 * {@code -Dsimulation.seed=N} runs that one alone.
 */
class ClusterSimulationTest {

    private static final long STEP = SessionWorld.SWEEP.toNanos();
    private static final int STEPS = 480;
    private static final int CALM = 200;
    private static final int SERVERS = 3;
    private static final int CLIENTS = 6;

    /** Until the sweeps after the deadlines, and for the commits that follow. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    @Test
    void sessions_whicheverServerBreaks_noFalseRemovalNoFlapAndEveryDeadProviderGoesInTime() {
        Seeds.each(1_000, 20_000, seed -> new Schedule(seed).run());
    }

    /** What a server is going through; one server at a time, or all. */
    private enum Trouble {
        NONE,
        KILLED,
        FROZEN,
        CUT,
        CUT_ACROSS_A_COMPACTION,
        LEAVING,
        ALL_KILLED
    }

    private static final class Schedule {
        private final Random random;
        private final ClusterWorld world;
        private final Providers clients;
        private final List<Door> doors = new ArrayList<>();

        private Trouble trouble = Trouble.NONE;
        private int troubled;
        private long troubleUntil;

        /** When the newest trouble began, and when it ended. */
        private long troubleBegan = Long.MIN_VALUE / 2;

        private long troubleEnded = Long.MIN_VALUE / 2;

        Schedule(long seed) {
            random = new Random(seed);
            world = new ClusterWorld(SERVERS, SessionSettings.DEFAULT, seed);
            List<SimulatedClient> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Door door = new Door();
                doors.add(door);
                all.add(new SimulatedClient(door, random, "i" + i));
            }
            clients = new Providers(world, all);
        }

        /** A client's way to one of the servers; after each loss to another one. */
        private final class Door implements Entrance {
            private int chosen = random.nextInt(SERVERS);

            @Override
            public TestLink link() {
                do {
                    chosen = (chosen + 1 + random.nextInt(SERVERS - 1)) % SERVERS;
                } while (server().condition == Condition.DOWN);
                return server().link();
            }

            Server server() {
                return world.server(chosen);
            }

            @Override
            public CompletableFuture<Registered> registering(String sessionId, String id, int weight) {
                return server().registering(sessionId, id, weight);
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                if (step < STEPS * 2 / 3) {
                    breakSomething();
                }
                act();
                recover(world.now());
                clients.noFalseRemoval(this::overdue);
            }
            recover(Long.MAX_VALUE);
            for (int step = 0; step < CALM; step++) {
                act();
                clients.noFalseRemoval(this::overdue);
            }
            afterwards();
        }

        private void act() {
            if (trouble != Trouble.ALL_KILLED) {
                clients.act();
            }
            world.pass(Duration.ofNanos(STEP));
        }

        private void breakSomething() {
            long now = world.now();
            SimulatedClient client = clients.get(random.nextInt(CLIENTS));
            switch (random.nextInt(60)) {
                case 0, 1, 2 -> cut(client, true);
                case 3 -> cut(client, false);
                case 4 -> {
                    Fate[] ends = {Fate.CRASHED, Fate.SILENT, Fate.LEFT};
                    client.end(ends[random.nextInt(ends.length)], now);
                }
                case 5 -> world.store.loseAnswers(1 + random.nextInt(3));
                case 6, 7 -> begin(Trouble.KILLED, 60_000);
                case 8 -> begin(Trouble.FROZEN, 60_000);
                case 9 -> begin(random.nextBoolean() ? Trouble.CUT : Trouble.CUT_ACROSS_A_COMPACTION, 60_000);
                case 10 -> begin(Trouble.LEAVING, 6_000);
                case 11 -> begin(Trouble.ALL_KILLED, 20_000);
                default -> {
                    // Most of the time nothing breaks.
                }
            }
        }

        /** A client that lost one link after the other for longer than its grace has not kept the contract. */
        private void cut(SimulatedClient client, boolean heard) {
            if (client.settled()) {
                client.cut(world.now(), heard);
            }
        }

        private void begin(Trouble next, int atMostMs) {
            if (trouble != Trouble.NONE) {
                return;
            }
            trouble = next;
            troubled = random.nextInt(SERVERS);
            troubleBegan = world.now();
            troubleUntil =
                    world.now() + Duration.ofMillis(random.nextInt(atMostMs)).toNanos();
            Server server = world.server(troubled);
            switch (next) {
                case KILLED -> kill(troubled);
                case FROZEN -> server.freeze();
                case CUT, CUT_ACROSS_A_COMPACTION -> server.cut();
                case LEAVING -> server.leave();
                case ALL_KILLED -> {
                    for (int i = 0; i < SERVERS; i++) {
                        kill(i);
                    }
                }
                case NONE -> throw new IllegalStateException("no trouble");
            }
        }

        private void kill(int index) {
            for (int left = random.nextInt(40); left > 0 && world.steps.step(); left--) {
                // Killed in the middle of whatever is under way.
            }
            world.server(index).kill();
            lost(index);
        }

        private void lost(int index) {
            for (int i = 0; i < CLIENTS; i++) {
                if (doors.get(i).chosen == index) {
                    clients.get(i).serverKilled(world.now(), world.now());
                }
            }
        }

        private void recover(long now) {
            if (trouble == Trouble.NONE || now < troubleUntil) {
                return;
            }
            Server server = world.server(troubled);
            switch (trouble) {
                case KILLED -> server.start();
                case FROZEN -> server.thaw();
                case CUT -> server.heal();
                case CUT_ACROSS_A_COMPACTION -> server.healCompacted();
                case LEAVING -> {
                    server.stop();
                    lost(troubled);
                    server.start();
                }
                case ALL_KILLED -> world.servers.forEach(Server::start);
                case NONE -> throw new IllegalStateException("no trouble");
            }
            trouble = Trouble.NONE;
            troubleEnded = world.now();
        }

        /** Also a server that is out of reach for ever keeps a dead client no longer than its lease and the grace. */
        private boolean overdue(SimulatedClient client) {
            long silent = client.endedAt + world.settings.ttl().toNanos();
            long orphan = ClusterWorld.LEASE.plus(world.settings.orphanGrace()).toNanos();
            long excused = Math.max(troubleBegan, troubleEnded) + orphan;
            return trouble != Trouble.ALL_KILLED && world.now() > Math.max(silent, excused) + SLACK.toNanos();
        }

        private void afterwards() {
            long living = clients.living();
            List<StoredRecord> left = new ArrayList<>(world.server(0).view().sessions());
            assertThat(left).as("sessions left in the store").hasSize((int) living);
            for (Server server : world.servers) {
                long own = left.stream()
                        .filter(stored ->
                                ((SessionRecord) stored.value()).owner().equals(server.owner()))
                        .count();
                assertThat(server.sessions().stats().count(SessionState.ACTIVE))
                        .as("sessions that %s owns and watches over", server.owner())
                        .isEqualTo((int) own);
                assertThat(server.sessions().stats().elsewhere()).isEqualTo((int) (living - own));
                for (SessionState gone : List.of(SessionState.SUSPECT, SessionState.EXPIRED, SessionState.CLOSED)) {
                    assertThat(server.sessions().stats().count(gone))
                            .as("sessions of %s that are %s", server.owner(), gone)
                            .isZero();
                }
            }
            assertThat(world.servers.stream()
                            .mapToInt(server -> server.sessions().stats().count(SessionState.ACTIVE))
                            .sum())
                    .isEqualTo((int) living);
            clients.noFlap();
        }
    }
}
