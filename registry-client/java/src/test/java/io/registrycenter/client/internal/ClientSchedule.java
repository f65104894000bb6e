package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.View;
import io.registrycenter.client.Watch;
import io.registrycenter.proto.v1.RemovalReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * One life of a client. After each step: its view is exactly the state at its cursor (so it is never empty but where the
 * registry says so), the cursor never decreases inside an epoch, no wait is longer than promised, no watch waits long
 * while the session has got through, and nothing that is
 * registered vanishes because a link or a server was away. At the end, after everything is well again: what the user wants is
 * registered as he wants it, what he closed is not, and the view is at the head.
 */
final class ClientSchedule implements AutoCloseable {

    private static final Duration STEP = Duration.ofMillis(250);
    private static final int TROUBLED_STEPS = 240;
    private static final int CALM_STEPS = 500;
    private static final int IDS = 4;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration QUARTER_OF_THE_GRACE = SimulatedNode.RECONNECT_GRACE.dividedBy(4);
    private static final Duration LONGEST_HINT = Duration.ofSeconds(8);

    private final Random random;
    private final FakeWorld world;
    private final SimulatedStore store;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Watch watch;
    private final RecordingListener listener = new RecordingListener();
    private final Map<String, Registration> registrations = new TreeMap<>();
    private final Map<String, Long> applied = new HashMap<>();
    private final WaitingWatch waitingWatch;
    private int reportsRead;
    private int weights;

    ClientSchedule(long seed) {
        random = new Random(seed);
        world = new FakeWorld(1 + random.nextInt(2), Runnable::run, Duration.ofSeconds(60));
        world.dice = random::nextDouble;
        store = new SimulatedStore(random);
        world.servers.forEach(server -> nodes.add(new SimulatedNode(world, server, store, random)));
        waitingWatch = new WaitingWatch(world, nodes);
        watch = world.client.watch("orders", listener);
    }

    void run() {
        for (int step = 0; step < TROUBLED_STEPS; step++) {
            trouble();
            live();
            step();
        }
        heal();
        for (int step = 0; step < CALM_STEPS; step++) {
            step();
        }
        afterwards();
    }

    private void step() {
        world.pass(STEP);
        nodes.forEach(SimulatedNode::act);
        if (nodes.stream().anyMatch(SimulatedNode::up)) {
            store.expireSilent(world.timing.nanoTime());
        }
        theViewIsTheStateAtItsCursor();
        noWaitIsTooLong();
        waitingWatch.check();
        assertThat(store.flaps).as("removals of what lives").isZero();
    }

    // --- what happens

    private void trouble() {
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(60)) {
            case 0, 1 -> node.cut();
            case 2 -> node.deaf(Duration.ofMillis(random.nextInt(4_000)));
            case 3 -> node.kill();
            case 4, 5, 6 -> nodes.forEach(SimulatedNode::start);
            case 7 -> node.openedToLose = 1 + random.nextInt(2);
            case 8 -> node.deltasToLose = 1;
            case 9 -> node.drain(Duration.ofMillis(random.nextLong(LONGEST_HINT.toMillis())));
            case 10, 11 -> store.answersToLose = 1 + random.nextInt(3);
            case 12 -> store.compact();
            case 13 -> {
                if (random.nextInt(8) == 0) {
                    nodes.forEach(SimulatedNode::kill);
                    store.wipe();
                    nodes.forEach(SimulatedNode::start);
                }
            }
            default -> {
                // Most of the time nothing breaks.
            }
        }
    }

    private void live() {
        String id = "i" + random.nextInt(IDS);
        switch (random.nextInt(40)) {
            case 0, 1 -> register(id);
            case 2 -> close(id);
            case 3 -> status(id);
            case 4 -> update(id);
            case 5 -> {
                if (random.nextInt(4) == 0) {
                    store.put(id, "rival");
                }
            }
            case 6, 7 -> store.put("x" + random.nextInt(IDS), "other");
            case 8 -> store.remove("x" + random.nextInt(IDS), RemovalReason.REMOVAL_REASON_DEREGISTERED);
            default -> {
                // Most of the time nobody wants anything.
            }
        }
    }

    private Instance wanted(String id) {
        return Instance.builder(id).weight(++weights).build();
    }

    private static boolean kept(Registration known) {
        return known.state() == RegistrationState.PENDING || known.state() == RegistrationState.REGISTERED;
    }

    /** The registration of that id, if it is kept. */
    private Optional<Registration> kept(String id) {
        return Optional.ofNullable(registrations.get(id)).filter(ClientSchedule::kept);
    }

    private void register(String id) {
        Registration known = registrations.get(id);
        if (known == null || !kept(known)) {
            registrations.put(id, world.client.register("orders", wanted(id)));
        }
    }

    private void close(String id) {
        kept(id).ifPresent(Registration::close);
    }

    private void status(String id) {
        InstanceStatus[] all = InstanceStatus.values();
        InstanceStatus status = all[random.nextInt(all.length)];
        kept(id).ifPresent(known -> known.status(status));
    }

    private void update(String id) {
        Instance next = wanted(id);
        kept(id).ifPresent(known -> known.update(next));
    }

    private void heal() {
        store.answersToLose = 0;
        for (SimulatedNode node : nodes) {
            node.deltasToLose = 0;
            node.openedToLose = 0;
            node.start();
        }
        // The next change shows what was lost before it.
        store.put("x0", "other");
    }

    // --- what must hold

    private void theViewIsTheStateAtItsCursor() {
        View view = watch.view();
        Cursor at = view.cursor();
        if (at == null) {
            assertThat(view.instances()).isEmpty();
            return;
        }
        long before = applied.getOrDefault(at.epoch(), 0L);
        if (at.revision() < before) {
            throw new AssertionError("applied " + before + ", then " + at);
        }
        applied.put(at.epoch(), at.revision());
        Map<String, Long> shown = new TreeMap<>();
        view.instances().forEach(instance -> shown.put(instance.id(), instance.modifiedRevision()));
        view.held().forEach(instance -> shown.remove(instance.id()));
        Map<String, Long> expected = new TreeMap<>();
        store.stateAt(at.epoch(), at.revision())
                .forEach((id, instance) -> expected.put(id, instance.getModifiedRevision()));
        if (!shown.equals(expected)) {
            throw new AssertionError("at " + at + " the view is " + shown + ", the state " + expected);
        }
    }

    private void noWaitIsTooLong() {
        for (; reportsRead < world.reports.size(); reportsRead++) {
            DisconnectReport report = world.reports.get(reportsRead);
            boolean hinted = report.cause() == CloseCause.DRAINING;
            boolean session = report.stream() == StreamKind.SESSION
                    && store.sessions.values().stream().anyMatch(known -> known.told);
            Duration longest = !session ? LONGEST_WAIT : hinted ? LONGEST_HINT : QUARTER_OF_THE_GRACE;
            assertThat(report.nextAttemptIn()).as("%s", report).isLessThanOrEqualTo(longest);
        }
    }

    private void afterwards() {
        View view = watch.view();
        assertThat(view.stale()).as("stale").isFalse();
        assertThat(view.cursor()).isEqualTo(new Cursor(store.epoch(), store.head()));
        assertThat(view.held()).as("held").isEmpty();
        registrations.forEach((id, registration) -> {
            String holder = store.holder(id);
            boolean ours = holder != null && store.sessions.containsKey(holder);
            if (kept(registration)) {
                assertThat(registration.state()).as(id).isEqualTo(RegistrationState.REGISTERED);
                assertThat(ours).as("%s is registered", id).isTrue();
                io.registrycenter.proto.v1.Instance stored =
                        Objects.requireNonNull(store.state().get(id), id);
                assertThat(stored.getWeight())
                        .as("weight of %s", id)
                        .isEqualTo(registration.instance().weight());
                assertThat(stored.getStatus().name())
                        .as("status of %s", id)
                        .endsWith(registration.instance().status().name());
            } else {
                assertThat(registration.state()).as(id).isIn(RegistrationState.CLOSED, RegistrationState.LOST);
                assertThat(ours).as("%s is gone", id).isFalse();
            }
        });
    }

    @Override
    public void close() {
        world.close();
    }
}
