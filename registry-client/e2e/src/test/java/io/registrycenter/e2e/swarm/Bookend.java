package io.registrycenter.e2e.swarm;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.swarm.ViewComparison.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A change that every watcher of a swarm must see: since changes come in order, whatever had come before it would have been
 * seen before it.
 */
public final class Bookend {

    /** Of the instance that is registered and taken out again. */
    public static final String ID = "bookend";

    /** A call that was given up takes effect within its deadline, so a few rounds are more than enough. */
    private static final int ROUNDS = 5;

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
     * Registers one more instance in every service, reads every service from the registry, and takes the instance out again.
     * Each watcher sees it come and go, and the view it had at the revision of the read is what the read was answered with.
     *
     * <p>Others may still write, for example a call that its caller has given up. A watcher that was told such a change
     * together with the end of the bookend never had the view at the revision of the read; then all of it is done again.
     *
     * @return the revision at which the last one was taken out; what was committed before it was seen by all
     */
    public static long assertSeen(Swarm swarm, Duration within) {
        for (int round = 0; round < ROUNDS; round++) {
            int mark = swarm.mark();
            List<InstanceList> answers = comeAndGo(swarm, mark, within);
            Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
            Map<Long, List<Event>> told = swarm.since(0).stream()
                    .filter(event -> event.is("view") || event.is("change"))
                    .collect(groupingBy(event -> event.number("client")));
            assertThat(told)
                    .as("watchers that were told anything")
                    .hasSize(swarm.plan().watchers());
            told.forEach((client, events) -> {
                InstanceList answer = answers.get(swarm.plan().serviceIndexOf(client.intValue()));
                Verdict verdict = ViewComparison.of(events, answer);
                assertThat(verdict)
                        .as("what watcher %d was told until the answer at %s", client, answer.cursor())
                        .isNotEqualTo(Verdict.DIFFERENT);
                verdicts.add(verdict);
            });
            if (!verdicts.contains(Verdict.NEVER_AT_THAT_REVISION)) {
                return swarm.since(mark, "change").stream()
                        .filter(Bookend::isEnd)
                        .mapToLong(event -> event.number("revision"))
                        .max()
                        .orElseThrow();
            }
        }
        throw new AssertionError("somebody wrote during each of " + ROUNDS + " reads");
    }

    /** Returns what the registry answered while the bookend was there, one list for each service in the order of the plan. */
    private static List<InstanceList> comeAndGo(Swarm swarm, int mark, Duration within) {
        SwarmPlan plan = swarm.plan();
        List<InstanceList> answers = new ArrayList<>();
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
            for (int i = 0; i < plan.services(); i++) {
                Interest interest = Interest.service(client.namespace(), plan.serviceAt(i));
                answers.add(get(client.instances(interest, cursors.get(i)), within));
            }
        }
        swarm.awaitClients(mark, Bookend::isEnd, plan.watchers(), "the end of the bookend", within);
        return answers;
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
