package io.registrycenter.e2e.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A change that every watcher of a swarm must see: since changes come in order, whatever had come before it would have been
 * seen before it.
 */
public final class Bookend {

    private static final String ID = "bookend";

    private Bookend() {}

    /** Registers one more instance in every service; each watcher sees that, and saw no other change since the mark. */
    public static void assertNothingChangedBefore(Swarm swarm, int mark, Duration within) {
        SwarmPlan plan = swarm.plan();
        int end = swarm.mark();
        try (RegistryClient client =
                RegistryClient.builder().target(plan.target()).name(ID).build()) {
            for (int i = 0; i < plan.services(); i++) {
                client.register(plan.serviceAt(i), Instance.builder(ID).build())
                        .registered()
                        .toCompletableFuture()
                        .orTimeout(within.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            }
            swarm.awaitClients(end, Bookend::is, plan.watchers(), "the bookend", within);
            List<Event> changes = swarm.since(mark, "change");
            assertThat(changes)
                    .as("changes since the mark")
                    .allMatch(Bookend::is)
                    .hasSize(plan.watchers());
        }
    }

    private static boolean is(Event event) {
        return event.is("change") && event.text("id").equals(ID);
    }
}
