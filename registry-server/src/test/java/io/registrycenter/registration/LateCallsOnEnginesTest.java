package io.registrycenter.registration;

import static io.registrycenter.registration.RegistrationWorld.KEY;
import static io.registrycenter.registration.RegistrationWorld.NEVER;
import static io.registrycenter.registration.RegistrationWorld.S1;
import static io.registrycenter.registration.RegistrationWorld.S2;
import static io.registrycenter.registration.RegistrationWorld.instance;
import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import io.registrycenter.Seeds;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.EtcdSettings;
import io.registrycenter.store.etcd.EtcdStore;
import io.registrycenter.store.etcd.TestEtcd;
import io.registrycenter.store.sqlite.SqliteStore;
import io.registrycenter.view.Applier;
import io.registrycenter.view.Standstill;
import io.registrycenter.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any calls of two sessions about one instance, at either of two servers, and among them copies of former calls that arrive
 * late: after each the record is what the calls without the copies make it.
 */
@Timeout(120)
class LateCallsOnEnginesTest {

    private static final int CALLS = 40;
    private static final List<InstanceStatus> STATUSES = List.of(InstanceStatus.values());

    @TempDir
    private Path directory;

    @Test
    void inMemory() {
        Seeds.each(50, 2_000, seed -> {
            InMemoryStore store = new InMemoryStore();
            run(seed, store, store);
        });
    }

    @Test
    void embedded() {
        try (Store store = SqliteStore.open(directory, false)) {
            run(Proof.times(1, 20), store, store);
        }
    }

    @Test
    void etcd() {
        EtcdSettings settings = TestEtcd.anew();
        try (Store first = EtcdStore.open(settings);
                Store second = EtcdStore.open(settings)) {
            run(Proof.times(2, 40), first, second);
        }
    }

    /** A call, whether it changed the record, and what it does at which server. */
    private record Made(boolean changed, Function<Registrations, CompletableFuture<?>> call) {}

    private static void run(long seed, Store first, Store second) {
        Random random = new Random(seed);
        List<Registrations> servers = List.of(server(first), server(second));
        for (String session : List.of(S1, S2)) {
            await(first.commit(new Transaction(
                    List.of(),
                    List.of(new Mutation(
                            new RecordKey.OfSession(session),
                            new SessionRecord("node", 1, "", 15_000, ClientInfo.UNKNOWN, null))))));
        }
        List<Made> made = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            RecordValue before = record(first);
            Registrations server = servers.get(random.nextInt(servers.size()));
            if (i > 2 && random.nextBoolean()) {
                Made late = made.get(random.nextInt(made.size()));
                if (late.changed()) {
                    await(late.call().apply(server));
                    assertThat(record(first))
                            .as("after a late copy, call %s", i)
                            .isEqualTo(before);
                }
            } else {
                Function<Registrations, CompletableFuture<?>> call =
                        call(random, random.nextBoolean() ? S1 : S2, "r" + i);
                await(call.apply(server));
                made.add(new Made(!same(before, record(first)), call));
                if (made.size() > 12) {
                    made.remove(0);
                }
            }
        }
    }

    private static Function<Registrations, CompletableFuture<?>> call(Random random, String session, String id) {
        int weight = random.nextInt(3);
        InstanceStatus status = STATUSES.get(random.nextInt(STATUSES.size()));
        return switch (random.nextInt(4)) {
            case 0 -> server -> server.deregister(new DeregisterCommand(KEY, session, id, NEVER));
            case 1 -> server -> server.updateStatus(new UpdateStatusCommand(KEY, status, session, id, NEVER));
            default -> server -> server.register(new RegisterCommand("shop", instance(weight), session, id, NEVER));
        };
    }

    private static boolean same(@Nullable RecordValue before, @Nullable RecordValue after) {
        return before == null ? after == null : before.equals(after);
    }

    private static @Nullable RecordValue record(Store store) {
        return store.read(head(store)).stream()
                .filter(stored -> stored.key().equals(new RecordKey.OfInstance(KEY)))
                .map(StoredRecord::value)
                .findFirst()
                .orElse(null);
    }

    private static long head(Store store) {
        return await(store.provenHead()) instanceof Long head ? head : store.head();
    }

    private static Registrations server(Store store) {
        View view = new View(store.epoch());
        var unused = store.follow(0, new Applier(view, List.of(), lost -> {
            // The store is closed at the end.
        }));
        return new Registrations(store, view, new Standstill(() -> 0, Duration.ofSeconds(2)));
    }

    /** What it answered; null when it was refused. */
    private static @Nullable Object await(CompletableFuture<?> call) {
        try {
            return call.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Refusal.NotHolder) {
                return null;
            }
            throw new AssertionError(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
