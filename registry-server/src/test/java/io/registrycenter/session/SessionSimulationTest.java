package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Seeds;
import io.registrycenter.session.SimulatedClient.Fate;
import io.registrycenter.store.RecordValue.SessionRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whole lives of a server and its providers in virtual time: the network breaks, answers are lost, the store stalls, the server
 * stands still or is killed, providers die. Failures: see {@link Seeds}.
 */
class SessionSimulationTest {

    private static final long STEP = Duration.ofMillis(250).toNanos();
    private static final int STEPS = 400;
    private static final int CLIENTS = 5;

    /** Until the sweep after the deadline, and for the commits that follow. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    @Test
    void sessions_whateverBreaks_noFalseRemovalNoFlapAndEveryDeadProviderGoesInTime() {
        Seeds.each(2_000, 20_000, seed -> new Schedule(seed).run());
    }

    private static final class Schedule {
        private final Random random;
        private final SessionWorld world;
        private final Providers clients;
        private long storeTroubleUntil;

        private boolean deliveryPaused;

        /** When a dead client may be kept longer: the server or its store stood still until then. */
        private long lastExcuse;

        private long lastRestart = Long.MIN_VALUE / 2;

        Schedule(long seed) {
            random = new Random(seed);
            world = new SessionWorld(SessionSettings.DEFAULT, seed);
            List<SimulatedClient> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                all.add(new SimulatedClient(world, random, "i" + i));
            }
            clients = new Providers(world, all);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                if (step < STEPS * 2 / 3) {
                    breakSomething();
                }
                clients.act();
                world.pass(Duration.ofNanos(STEP));
                recover();
                clients.noFalseRemoval(this::overdue);
            }
            recover(Long.MAX_VALUE);
            afterwards();
        }

        private void breakSomething() {
            long now = world.now();
            SimulatedClient client = clients.get(random.nextInt(CLIENTS));
            switch (random.nextInt(60)) {
                case 0, 1, 2, 3 -> client.cut(now, true);
                case 4 -> client.cut(now, false);
                case 5 -> endOne(client, now);
                case 6, 7 -> world.store.loseAnswers(1 + random.nextInt(3));
                case 8 -> storeTrouble(now);
                case 9 -> standStill();
                case 10 -> killServer();
                case 11 -> {
                    world.store.pauseDelivery();
                    deliveryPaused = true;
                }
                default -> {
                    // Most of the time nothing breaks.
                }
            }
        }

        private void endOne(SimulatedClient client, long now) {
            Fate[] ends = {Fate.CRASHED, Fate.SILENT, Fate.LEFT};
            client.end(ends[random.nextInt(ends.length)], now);
        }

        private void storeTrouble(long now) {
            if (storeTroubleUntil == 0) {
                storeTroubleUntil = now + random.nextLong(Duration.ofSeconds(3).toNanos());
                if (random.nextBoolean()) {
                    world.store.holdCommits();
                } else {
                    world.store.failCommits();
                }
            }
        }

        private void standStill() {
            world.standStill(Duration.ofMillis(100 + random.nextInt(20_000)));
            if (random.nextBoolean()) {
                world.sweep();
            }
            lastExcuse = world.now();
        }

        private void killServer() {
            recover(Long.MAX_VALUE);
            clients.act();
            for (int left = random.nextInt(40); left > 0 && world.steps.step(); left--) {
                // Killed in the middle of whatever is under way.
            }
            world.kill();
            world.steps.run();
            world.standStill(Duration.ofMillis(random.nextInt(30_000)));
            world.start();
            clients.all().forEach(client -> client.serverKilled(world.now(), world.now()));
            lastRestart = world.now();
        }

        private void recover() {
            recover(world.now());
        }

        private void recover(long now) {
            if (storeTroubleUntil != 0 && now >= storeTroubleUntil) {
                storeTroubleUntil = 0;
                world.store.releaseCommits();
                lastExcuse = world.now();
            }
            if (deliveryPaused && (random.nextInt(4) == 0 || now == Long.MAX_VALUE)) {
                deliveryPaused = false;
                world.store.resumeDelivery();
                lastExcuse = world.now();
            }
        }

        /** After everything is well again. */
        private void afterwards() {
            for (int step = 0; step < 160; step++) {
                clients.act();
                world.pass(Duration.ofNanos(STEP));
                clients.noFalseRemoval(this::overdue);
            }
            long living = clients.living();
            assertThat(world.view.sessions()).as("sessions left in the store").hasSize((int) living);
            assertThat(world.view.sessions())
                    .as("whoever watches over a session is its owner in the store")
                    .allSatisfy(stored ->
                            assertThat(((SessionRecord) stored.value()).owner()).isEqualTo(world.node()));
            assertThat(world.sessions.stats().count(SessionState.ACTIVE)).isEqualTo((int) living);
            for (SessionState gone : List.of(SessionState.SUSPECT, SessionState.EXPIRED, SessionState.CLOSED)) {
                assertThat(world.sessions.stats().count(gone))
                        .as("sessions that are %s", gone)
                        .isZero();
            }
            clients.noFlap();
        }

        private boolean overdue(SimulatedClient client) {
            long silent =
                    Math.max(client.endedAt, lastExcuse) + world.settings.ttl().toNanos();
            long restarted = lastRestart + world.settings.restartGrace().toNanos();
            return storeTroubleUntil == 0
                    && !deliveryPaused
                    && world.now() > Math.max(silent, restarted) + SLACK.toNanos();
        }
    }
}
