package io.registrycenter.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.history.Happened;
import io.registrycenter.e2e.history.HistoryCheck;
import io.registrycenter.e2e.history.Operation;
import io.registrycenter.e2e.history.Writers;
import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Programs;
import io.registrycenter.e2e.process.Proof;
import io.registrycenter.e2e.swarm.Bookend;
import io.registrycenter.e2e.swarm.Swarm;
import io.registrycenter.e2e.swarm.SwarmPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every guarantee that names servers, across three of them, under every fault of servers, of etcd and of the network between.
 *
 * <p>The <i>quiet</i> swarm registers and watches services that nobody changes: it must not notice anything. The <i>churning</i>
 * one watches services that writers change all the time: it must be told everything, once, in order. What the writers were
 * answered must be linearizable, from the first revision on.
 */
class GuaranteesIT {

    private static final int CLIENTS = Proof.times(30, 300);
    private static final int CHURN_WATCHERS = Proof.times(12, 60);
    private static final int SERVICES = 3;
    private static final int WRITERS = Proof.times(6, 12);
    private static final int SHARED = 3;
    private static final Duration RECOVERY = Duration.ofMinutes(2);

    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static CommitLog log;
    private static Swarm quiet;
    private static Swarm churning;
    private static Writers writers;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(
                directory,
                Proof.small(
                        "--registry.session.ttl=9s",
                        "--registry.session.heartbeat-interval=1s",
                        "--registry.session.reconnect-grace=10s",
                        "--registry.session.orphan-grace=20s",
                        "--registry.etcd.lease-ttl=5s"));
        log = new CommitLog(cluster.targets());
        quiet = Swarm.begin(
                directory,
                SwarmPlan.watchers(cluster.targets(), "quiet", CLIENTS, SERVICES)
                        .withProviders(CLIENTS));
        churning = Swarm.start(
                directory,
                SwarmPlan.watchers(cluster.targets(), "churning", CHURN_WATCHERS, SERVICES)
                        .withService("churn")
                        .withWatched(0));
        quiet.awaitReady();
        writers = Writers.open(
                List.of(cluster.targets().split(",")),
                WRITERS,
                IntStream.range(0, SERVICES)
                        .mapToObj(churning.plan()::serviceAt)
                        .toList(),
                SHARED);
    }

    @AfterAll
    static void stop() {
        List.<AutoCloseable>of(writers, churning, quiet, log, cluster).forEach(GuaranteesIT::close);
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new AssertionError("not closed: " + one, e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobody_notices(Fault fault) throws IOException {
        int mark = quiet.mark();
        int churnMark = churning.mark();
        int operationsBefore = writers.operations().size();
        writers.begin();
        awaitAcknowledged(System.nanoTime());
        fault.strike(cluster);
        long healed = System.nanoTime();
        awaitAcknowledged(healed);
        awaitAllActive();
        long settled = System.nanoTime();
        writers.stop();

        assertThat(writers.lostSessions()).isEmpty();
        List<Operation> operations = writers.operations();
        Files.write(
                Programs.BUILD.resolve("e2e-logs/history-" + fault + ".jsonl"),
                operations.stream().map(Operation::line).toList());
        assertThat(operations)
                .as("refused to those who live")
                .noneMatch(operation -> operation.outcome() == Operation.Outcome.REFUSED);
        long end = Bookend.assertSeen(churning, RECOVERY);
        List<Happened> happened = log.upTo(end, churning.plan().service());
        assertThat(HistoryCheck.violations(operations, withoutBookends(happened)))
                .as("linearizable: the history is in e2e-logs")
                .isEmpty();
        assertThat(churning.since(churnMark, "violation")).isEmpty();
        churning.assertUndisturbedBut(churnMark, "change");
        assertEverythingTold(happened, end);
        assertThat(cluster.etcd().calls().putsSince(1, Cluster.PREFIX + "i/default/", "/registry~").stream()
                        .filter(put -> put.revision() <= end
                                && put.path().startsWith(churning.plan().service()))
                        .map(put -> put.revision() + " " + put.path())
                        .toList())
                .as("etcd's own history")
                .isEqualTo(happened.stream()
                        .map(one -> one.revision() + " " + one.key())
                        .toList());

        Bookend.assertNothingChangedBefore(quiet, mark, RECOVERY);
        quiet.assertUndisturbedBut(mark, "change");
        tell(fault, operations.subList(operationsBefore, operations.size()), settled - healed, quiet.causes(mark));
    }

    private static void awaitAcknowledged(long since) {
        Await.until("an acknowledged write", RECOVERY, () -> writers.acknowledgedSince(since));
    }

    /** Every session has a live stream somewhere. */
    private static void awaitAllActive() {
        Await.until(
                "all sessions active",
                RECOVERY,
                () -> cluster.nodes().stream()
                                .mapToDouble(node -> node.metrics().sum("registry_sessions", "state=\"ACTIVE\""))
                                .sum()
                        == CLIENTS + WRITERS);
    }

    private static List<Happened> withoutBookends(List<Happened> happened) {
        return happened.stream()
                .filter(one -> !one.key().endsWith("/" + Bookend.ID))
                .toList();
    }

    /** Each watcher, over all its streams to all servers: every change of its service up to a revision, once, in order. */
    private static void assertEverythingTold(List<Happened> happened, long end) {
        Map<String, List<String>> byService = happened.stream()
                .collect(Collectors.groupingBy(
                        one -> one.key().substring(0, one.key().indexOf('/')),
                        Collectors.mapping(
                                one -> one.revision() + " "
                                        + one.key().substring(one.key().indexOf('/') + 1) + " "
                                        + (one.removal().isEmpty() ? "put" : one.removal()),
                                Collectors.toList())));
        Map<Long, List<String>> told = churning.since(0, "change").stream()
                .filter(event -> event.number("revision") <= end)
                .collect(Collectors.groupingBy(
                        event -> event.number("client"),
                        TreeMap::new,
                        Collectors.mapping(GuaranteesIT::asText, Collectors.toList())));
        assertThat(told).hasSize(CHURN_WATCHERS);
        told.forEach((client, changes) -> assertThat(changes)
                .as("told to watcher " + client)
                .isEqualTo(byService.get(churning.plan().serviceOf(client.intValue()))));
    }

    private static String asText(Event change) {
        return change.number("revision") + " " + change.text("id") + " "
                + (change.text("reason").isEmpty() ? "put" : change.text("reason"));
    }

    private static void tell(Fault fault, List<Operation> operations, long settledNanos, Map<String, Long> ends) {
        Map<String, Long> outcomes = operations.stream()
                .collect(Collectors.groupingBy(
                        operation -> operation.kind() + " " + operation.outcome(),
                        TreeMap::new,
                        Collectors.counting()));
        Proof.tell(
                "three servers",
                "fault",
                fault,
                "sessions",
                CLIENTS + WRITERS,
                "watchers",
                CLIENTS + CHURN_WATCHERS,
                "operations",
                outcomes,
                "all_settled_after_healing_ms",
                TimeUnit.NANOSECONDS.toMillis(settledNanos),
                "ends",
                ends);
    }
}
