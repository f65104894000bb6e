package io.registrycenter.client.internal;

import io.registrycenter.client.Proof;
import org.junit.jupiter.api.Test;

/**
 * Whole lives of a client in virtual time, against a registry of one or two servers that share a store: links break, servers
 * are deaf, drained, killed and wiped, answers and changes are lost, rivals take instances, the user changes his mind. What
 * must hold is in {@link ClientSchedule}. A failure names its seed; {@code -Dsimulation.seed=N} runs that one alone.
 */
class ClientSimulationTest {

    @Test
    void client_whateverBreaks_losesNoIntentAndItsViewIsAlwaysTrue() {
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? Proof.times(300, 10_000) : only;
        for (long seed = first; seed <= last; seed++) {
            try (ClientSchedule schedule = new ClientSchedule(seed)) {
                schedule.run();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("schedule with seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }
}
