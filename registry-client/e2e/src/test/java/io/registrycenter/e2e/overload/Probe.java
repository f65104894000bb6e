package io.registrycenter.e2e.overload;

import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Measures how long a change takes from the provider's call until a watcher is told of it: two clients of a server, one
 * change after the other. Confined to one thread.
 */
final class Probe implements AutoCloseable {

    private static final String SERVICE = "probe";
    private static final long PATIENCE_SECONDS = 30;

    private final RegistryClient provider;
    private final RegistryClient consumer;
    private final Registration registration;
    private final BlockingQueue<Long> seen = new LinkedBlockingQueue<>();

    /** Figures in milliseconds. */
    record Latency(int changes, double medianMs, double p99Ms, double maxMs) {}

    Probe(String target) throws Exception {
        provider = RegistryClient.builder().target(target).name("probe").build();
        consumer = RegistryClient.builder().target(target).name("probe").build();
        registration = provider.register(SERVICE, Instance.builder("probe-1").build());
        registration.registered().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        Watch watch = consumer.watch(SERVICE, change -> seen.add(change.cursor().revision()));
        watch.synced().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Makes changes while it should go on, at least one; fails when one is not seen in 30 s. */
    Latency measure(BooleanSupplier goesOn) throws Exception {
        List<Long> nanos = new ArrayList<>();
        do {
            InstanceStatus status = nanos.size() % 2 == 0 ? InstanceStatus.LEAVING : InstanceStatus.UP;
            long before = System.nanoTime();
            long revision = registration
                    .status(status)
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .revision();
            awaitSeen(revision);
            nanos.add(System.nanoTime() - before);
        } while (goesOn.getAsBoolean());
        nanos.sort(Long::compare);
        return new Latency(nanos.size(), at(nanos, 0.5), at(nanos, 0.99), at(nanos, 1));
    }

    private void awaitSeen(long revision) throws InterruptedException {
        Long told;
        do {
            told = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (told == null) {
                throw new AssertionError("no watcher was told of revision " + revision);
            }
        } while (told < revision);
    }

    private static double at(List<Long> sorted, double quantile) {
        int index = Math.min(sorted.size() - 1, (int) (sorted.size() * quantile));
        return Math.round(sorted.get(index) / 1e4) / 100.0;
    }

    @Override
    public void close() {
        consumer.close();
        provider.close();
    }
}
