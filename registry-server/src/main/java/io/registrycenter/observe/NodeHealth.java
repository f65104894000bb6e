package io.registrycenter.observe;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Status;
import reactor.core.publisher.Mono;

/**
 * Whether new clients should come to this node, as a health contributor. Asking costs a few field reads and never blocks.
 *
 * <p>UP while it follows its store; OUT_OF_SERVICE while it catches up, while the store takes no commits, and when the store is
 * lost, since what it serves then is the last it knew; DRAINING from the begin of a drain on.
 */
public final class NodeHealth implements ReactiveHealthIndicator {

    /** Answered with 503, as the settings of the health endpoint say. */
    static final Status DRAINING = new Status("DRAINING", "this server is leaving");

    /** What it comes to. */
    public enum Condition {
        SERVING,
        OUT_OF_SERVICE,
        DRAINING
    }

    /**
     * What is known of the node now.
     *
     * @param store how it stands to its store, for people
     * @param writes whether its store takes commits, and why not, for people
     * @param drain whether it is leaving, for people
     * @param storeFreeBytes on the disk of the store, where it has one
     * @param staleFor how old what it serves is, when it lost its store; else zero
     */
    public record Facts(
            Condition condition,
            String store,
            String writes,
            String drain,
            long revision,
            long storeHead,
            OptionalLong storeFreeBytes,
            Duration staleFor) {}

    private final Supplier<Facts> facts;

    public NodeHealth(Supplier<Facts> facts) {
        this.facts = facts;
    }

    @Override
    public Mono<Health> health() {
        return Mono.fromSupplier(() -> {
            Facts now = facts.get();
            Health.Builder health = switch (now.condition()) {
                case SERVING -> Health.up();
                case OUT_OF_SERVICE -> Health.outOfService();
                case DRAINING -> Health.status(DRAINING);
            };
            now.storeFreeBytes().ifPresent(bytes -> health.withDetail("storeFreeBytes", bytes));
            return health.withDetail("store", now.store())
                    .withDetail("writes", now.writes())
                    .withDetail("drain", now.drain())
                    .withDetail("revision", now.revision())
                    .withDetail("storeHead", now.storeHead())
                    .withDetail("staleForMs", now.staleFor().toMillis())
                    .build();
        });
    }
}
