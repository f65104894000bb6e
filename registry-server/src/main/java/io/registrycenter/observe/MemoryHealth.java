package io.registrycenter.observe;

import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/**
 * The parts of the heap as a health contributor: always UP, for a server that is out of memory ends; the details say what takes
 * how much and what to do. Asking costs a few field reads and never blocks.
 */
public final class MemoryHealth implements ReactiveHealthIndicator {

    /**
     * What is known now, in bytes.
     *
     * @param heap the largest heap of the JVM
     * @param history what history takes
     * @param snapshots what snapshots take, out of the same part
     * @param historyAllowed what both may take; less than their part while the heap is tight
     * @param view what instances and sessions take, estimated
     * @param viewPart what they are expected to take at most
     * @param advice what to do
     */
    public record Facts(
            long heap, long history, long snapshots, long historyAllowed, long view, long viewPart, String advice) {}

    private final Supplier<Facts> facts;

    public MemoryHealth(Supplier<Facts> facts) {
        this.facts = facts;
    }

    @Override
    public Mono<Health> health() {
        return Mono.fromSupplier(() -> {
            Facts now = facts.get();
            return Health.up()
                    .withDetail("heapBytes", now.heap())
                    .withDetail("historyBytes", now.history())
                    .withDetail("snapshotBytes", now.snapshots())
                    .withDetail("historyAllowedBytes", now.historyAllowed())
                    .withDetail("viewBytes", now.view())
                    .withDetail("viewPartBytes", now.viewPart())
                    .withDetail("advice", now.advice())
                    .build();
        });
    }
}
