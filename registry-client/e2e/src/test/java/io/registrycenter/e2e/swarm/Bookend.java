package io.registrycenter.e2e.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A change that every watcher of a swarm must see: since changes come in order, whatever had come before it would have been
 * seen before it.
 */
public final class Bookend {

    /** Of the instance that is registered and taken out again. */
    public static final String ID = "bookend";

    private Bookend() {}

    /**
     * Registers one more instance in every service; each watcher sees that, and saw no other change since the mark. When this
     * returns it is gone again, and each watcher saw that too.
     */
    public static void assertNothingChangedBefore(Swarm swarm, int mark, Duration within) {
        int end = swarm.mark();
        assertSeen(swarm, within);
        List<Event> changes = swarm.since(mark, "change");
        assertThat(changes)
                .as("changes since the mark")
                .allMatch(Bookend::is)
                .hasSize(2 * swarm.plan().watchers());
        assertThat(swarm.since(end, "change")).isEqualTo(changes);
    }

    /**
     * Registers one more instance in every service, and takes it out again: each watcher sees both, and its view is then what
     * the registry says it is. Nobody else may write meanwhile.
     *
     * @return the revision at which the last one was taken out
     */
    public static long assertSeen(Swarm swarm, Duration within) {
        SwarmPlan plan = swarm.plan();
        int mark = swarm.mark();
        try (RegistryClient client =
                RegistryClient.builder().target(plan.targets()).name(ID).build()) {
            List<Cursor> cursors = new ArrayList<>();
            for (int i = 0; i < plan.services(); i++) {
                cursors.add(get(
                        client.register(plan.serviceAt(i), Instance.builder(ID).build())
                                .registered(),
                        within));
            }
            swarm.awaitClients(mark, Bookend::is, plan.watchers(), "the bookend", within);
            long views = 0;
            for (int i = 0; i < plan.services(); i++) {
                Interest interest = Interest.service(client.namespace(), plan.serviceAt(i));
                views += assertViews(
                        swarm,
                        i,
                        cursors.get(i),
                        get(client.instances(interest, cursors.get(i)), within).instances());
            }
            assertThat(views).as("views that were compared").isEqualTo(plan.watchers());
        }
        swarm.awaitClients(mark, Bookend::isEnd, plan.watchers(), "the end of the bookend", within);
        return swarm.since(mark, "change").stream()
                .filter(Bookend::isEnd)
                .mapToLong(event -> event.number("revision"))
                .max()
                .orElseThrow();
    }

    /** Convergent: everybody who watches the service has the view that the registry has. */
    private static int assertViews(Swarm swarm, int service, Cursor cursor, List<Instance> instances) {
        String expected = ViewDigest.of(instances);
        List<Event> views = swarm.since(0, "view").stream()
                .filter(event -> event.number("client") % swarm.plan().services() == service)
                .filter(event -> event.number("revision") == cursor.revision())
                .toList();
        assertThat(views)
                .as("views of " + swarm.plan().serviceAt(service) + " at " + cursor)
                .allMatch(event -> event.text("digest").equals(expected), expected);
        return views.size();
    }

    private static <T> T get(CompletionStage<T> stage, Duration within) {
        return stage.toCompletableFuture()
                .orTimeout(within.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private static boolean is(Event event) {
        return event.is("change") && event.text("id").equals(ID);
    }

    private static boolean isEnd(Event event) {
        return is(event) && event.text("kind").equals("removal");
    }
}
