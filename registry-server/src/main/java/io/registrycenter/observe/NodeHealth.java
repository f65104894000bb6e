package io.registrycenter.observe;

import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/**
 * Whether this node can serve, as a health contributor. Asking costs a few field reads and never blocks.
 *
 * <p>{@code view}: UP while it follows the store; OUT_OF_SERVICE while it catches up and when the store is lost, since what it
 * serves then is the last it knew.
 */
public final class NodeHealth implements ReactiveHealthIndicator {

    /** What is known of the node now. */
    public record Facts(boolean serving, String freshness, long revision, long storeHead) {}

    private final Supplier<Facts> facts;

    public NodeHealth(Supplier<Facts> facts) {
        this.facts = facts;
    }

    @Override
    public Mono<Health> health() {
        return Mono.fromSupplier(() -> {
            Facts now = facts.get();
            return (now.serving() ? Health.up() : Health.outOfService())
                    .withDetail("freshness", now.freshness())
                    .withDetail("revision", now.revision())
                    .withDetail("storeHead", now.storeHead())
                    .build();
        });
    }
}
