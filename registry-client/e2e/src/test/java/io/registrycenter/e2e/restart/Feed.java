package io.registrycenter.e2e.restart;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.e2e.process.Proof;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A provider that keeps a server at work while it is told to stop: big changes for those who do not read, and registrations
 * in flight. Confined to one thread.
 */
final class Feed implements AutoCloseable {

    private static final String LEDGER = "ledger";
    private static final int IN_FLIGHT = Proof.times(50, 200);
    private static final int KEYS = 12;
    private static final int VALUE_CHARACTERS = 1000;
    /** Of 12 kB each: more than a window of 64 KiB, and what the server may have on its way. */
    private static final int CHANGES = 30;

    private static final long PATIENCE_SECONDS = 90;

    private final RegistryClient client;
    private final List<CompletableFuture<Cursor>> answers = new ArrayList<>();
    private final Registration big;
    private int changes;

    Feed(String target) throws Exception {
        client = RegistryClient.builder().target(target).name("feed").build();
        big = client.register("orders-stalled", instance());
        big.registered().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private Instance instance() {
        changes++;
        String value = Integer.toString(changes % 10).repeat(VALUE_CHARACTERS);
        Map<String, String> metadata =
                IntStream.range(0, KEYS).boxed().collect(Collectors.toMap(key -> "key-" + key, key -> value));
        Instance.Builder instance = Instance.builder("big");
        metadata.forEach(instance::metadata);
        return instance.build();
    }

    /** Makes changes, acknowledged one after the other, that a stream which is not read cannot take. */
    void moreThanAWindow() throws Exception {
        for (int i = 0; i < CHANGES; i++) {
            big.update(instance()).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Begins to register many instances and waits for none. */
    void registerInFlight() {
        for (int i = 0; i < IN_FLIGHT; i++) {
            Instance instance = Instance.builder(LEDGER + "-" + answers.size()).build();
            answers.add(client.register(LEDGER, instance).registered().toCompletableFuture());
        }
    }

    int acknowledged() {
        return answers.size();
    }

    /** Every registration is acknowledged in the end, and what was acknowledged is there. */
    void assertNothingAcknowledgedIsLost() throws Exception {
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        Cursor newest = answers.stream()
                .map(CompletableFuture::join)
                .max(Comparator.comparingLong(Cursor::revision))
                .orElseThrow();
        List<String> there = client
                .instances(Interest.service("default", LEDGER), newest)
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .instances()
                .stream()
                .map(Instance::id)
                .toList();
        List<String> wanted = IntStream.range(0, answers.size())
                .mapToObj(number -> LEDGER + "-" + number)
                .toList();
        assertThat(there).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Override
    public void close() {
        client.close();
    }
}
