package io.registrycenter.client.internal;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.StreamKind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A promise of a simulated client: when its session gets through while its watch waits because it reached nobody, the watch
 * tries soon. Looked at after each step.
 */
final class WaitingWatch {

    /** Attempts out of turn are 2.5 s apart, and spread over half a second. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private final FakeWorld world;
    private final List<SimulatedNode> nodes;
    private long sessionsSeen;
    private long attemptsSeen;
    private long dueNanos;
    private boolean due;

    WaitingWatch(FakeWorld world, List<SimulatedNode> nodes) {
        this.world = world;
        this.nodes = nodes;
    }

    void check() {
        long attempts = nodes.stream().mapToLong(node -> node.watchesTaken).sum()
                + world.reports.stream().filter(WaitingWatch::isWatch).count();
        if (attempts != attemptsSeen) {
            attemptsSeen = attempts;
            due = false;
        }
        long sessions = world.connected.stream()
                .filter(event -> event.stream() == StreamKind.SESSION)
                .count();
        if (sessions != sessionsSeen) {
            sessionsSeen = sessions;
            if (!due && waits()) {
                due = true;
                dueNanos = world.timing.nanoTime() + SOON.toNanos();
            }
        }
        if (due && world.timing.nanoTime() > dueNanos) {
            throw new AssertionError("the session is back for " + SOON + " and the watch still waits after " + last());
        }
    }

    private boolean waits() {
        DisconnectReport last = last();
        return last != null
                && last.origin() != CloseCause.Origin.SERVER
                && nodes.stream().noneMatch(SimulatedNode::hasWatch);
    }

    private @Nullable DisconnectReport last() {
        DisconnectReport last = null;
        for (DisconnectReport report : world.reports) {
            last = isWatch(report) ? report : last;
        }
        return last;
    }

    private static boolean isWatch(DisconnectReport report) {
        return report.stream() == StreamKind.WATCH;
    }
}
