package io.registrycenter.e2e.cluster;

import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Two clients that want the same id: each closes its registration and registers again at random, and registers again whenever it
 * has lost. At rest the registry and both of them must agree on whose it is, and after both have closed it is nobody's.
 */
final class Duel {

    private static final Duration REST = Duration.ofSeconds(60);
    private static final int STEPS = 150;
    private static final List<InstanceStatus> STATUSES = List.of(InstanceStatus.values());

    private Duel() {}

    /** One client on each target, in so many rounds. */
    static void fight(String firstTarget, String secondTarget, int rounds) throws Exception {
        try (RegistryClient first = client(firstTarget);
                RegistryClient second = client(secondTarget)) {
            for (int round = 0; round < rounds; round++) {
                String service = "duel-" + round;
                Owner one = new Owner(first, "one", service, round);
                Owner two = new Owner(second, "two", service, -1 - round);
                CompletableFuture.allOf(CompletableFuture.runAsync(one::live), CompletableFuture.runAsync(two::live))
                        .get(REST.toSeconds(), TimeUnit.SECONDS);
                Await.until("the registry and both owners agree", REST, () -> {
                    String holder = holder(first, service);
                    return agree(holder, one) && agree(holder, two);
                });
                one.close();
                two.close();
                Await.until(
                        "nobody's after both have closed",
                        REST,
                        () -> holder(first, service).isEmpty());
            }
        }
    }

    private static boolean agree(String holder, Owner owner) {
        return owner.state() == (holder.equals(owner.name) ? RegistrationState.REGISTERED : RegistrationState.LOST);
    }

    private static RegistryClient client(String target) {
        return RegistryClient.builder().target(target).name("duel").build();
    }

    /** Whose instance the registry has; empty: it has none. */
    private static String holder(RegistryClient client, String service) {
        InstanceList list = client.instances(Interest.service("default", service))
                .toCompletableFuture()
                .orTimeout(REST.toSeconds(), TimeUnit.SECONDS)
                .join();
        return list.instances().isEmpty()
                ? ""
                : Objects.requireNonNull(list.instances().get(0).metadata().get("by"));
    }

    private static final class Owner {
        private final RegistryClient client;
        private final String name;
        private final String service;
        private final Random random;
        private Registration registration;
        private int registered;

        Owner(RegistryClient client, String name, String service, long seed) {
            this.client = client;
            this.name = name;
            this.service = service;
            random = new Random(seed);
            registration = register();
        }

        RegistrationState state() {
            return registration.state();
        }

        void live() {
            for (int step = 0; step < STEPS; step++) {
                boolean closes = random.nextInt(3) == 0;
                if (closes) {
                    registration.close();
                }
                if (closes || state() == RegistrationState.LOST) {
                    registration = register();
                } else {
                    registration.status(STATUSES.get(random.nextInt(STATUSES.size())));
                }
                if (random.nextInt(3) == 0) {
                    settled();
                }
            }
        }

        /** Waits for the first answer, whatever it is. */
        private void settled() {
            try {
                registration
                        .registered()
                        .handle((cursor, failure) -> cursor)
                        .toCompletableFuture()
                        .get(REST.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException | InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        private Registration register() {
            return client.register(
                    service,
                    Instance.builder("x")
                            .metadata("by", name)
                            .metadata("number", Integer.toString(registered++))
                            .build());
        }

        void close() {
            registration.close();
        }
    }
}
