package io.registrycenter.registration;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.SessionRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.AppliedCommit;
import io.registrycenter.view.Applier;
import io.registrycenter.view.Standstill;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Registrations on the fake store, all on the test's thread. */
final class RegistrationWorld {

    static final String S1 = "1".repeat(32);
    static final String S2 = "2".repeat(32);
    static final InstanceKey KEY = new InstanceKey("shop", "orders", "a");
    static final BooleanSupplier NEVER = () -> false;

    final InMemoryStore store = new InMemoryStore();
    final View view = new View(store.epoch());
    final List<AppliedCommit> applied = new ArrayList<>();
    /** By the test's hand. */
    long nanos;

    final Registrations registrations =
            new Registrations(store, view, new Standstill(() -> nanos, Duration.ofSeconds(2)));

    RegistrationWorld() {
        var unused = store.follow(0, new Applier(view, List.of(applied::add), lost -> {
            throw lost;
        }));
    }

    long put(RecordKey key, @Nullable RecordValue value) {
        var unused = store.commit(new Transaction(List.of(), List.of(new Mutation(key, value))));
        return store.head();
    }

    void session(String id) {
        session(id, false);
    }

    void session(String id, boolean closing) {
        put(
                new RecordKey.OfSession(id),
                new SessionRecord(
                        "node", 1, "", 15_000, ClientInfo.UNKNOWN, closing ? RemovalReason.SESSION_EXPIRED : null));
    }

    static Instance instance(int weight) {
        return instance("a", weight);
    }

    static Instance instance(String id, int weight) {
        return new Instance(
                "orders",
                id,
                List.of(new Endpoint("grpc", "10.0.0.1", 80, false)),
                "",
                weight,
                Map.of("v", "1"),
                InstanceStatus.UP,
                0,
                0);
    }

    CompletableFuture<Registered> register(String session, int weight, String request) {
        return registrations.register(new RegisterCommand("shop", instance(weight), session, request, NEVER));
    }

    long deregister(String session, String request) {
        return done(registrations.deregister(new DeregisterCommand(KEY, session, request, NEVER)))
                .revision();
    }

    long status(String session, InstanceStatus status, String request) {
        return done(registrations.updateStatus(new UpdateStatusCommand(KEY, status, session, request, NEVER)))
                .revision();
    }

    @Nullable
    StoredRecord record() {
        return store.record(new RecordKey.OfInstance(KEY));
    }

    /** The answer of a call that must be complete by now; its refusal is thrown. */
    static <T> T done(Future<T> call) {
        if (!call.isDone()) {
            throw new AssertionError("the call is still waiting");
        }
        try {
            return call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
