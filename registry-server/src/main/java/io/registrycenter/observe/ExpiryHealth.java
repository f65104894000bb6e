package io.registrycenter.observe;

import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/**
 * The expiry brake as a health contributor: always UP, for a server that holds expiry serves as well as before; the details
 * say what is held and what to do. Asking costs a few field reads and never blocks.
 */
public final class ExpiryHealth implements ReactiveHealthIndicator {

    /**
     * What is known now.
     *
     * @param brake state of the brake
     * @param held sessions whose time is up and that the brake keeps
     * @param advice what to do
     */
    public record Facts(String brake, int held, String advice) {}

    private final Supplier<Facts> facts;

    public ExpiryHealth(Supplier<Facts> facts) {
        this.facts = facts;
    }

    @Override
    public Mono<Health> health() {
        return Mono.fromSupplier(() -> {
            Facts now = facts.get();
            return Health.up()
                    .withDetail("brake", now.brake())
                    .withDetail("held", now.held())
                    .withDetail("advice", now.advice())
                    .build();
        });
    }
}
