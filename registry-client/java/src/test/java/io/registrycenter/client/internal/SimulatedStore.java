package io.registrycenter.client.internal;

import io.grpc.Status;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all nodes of a simulated registry share: one history of one service, who holds what, and the sessions. Obeys the
 * contract; remembers every state it ever had. Confined to the test's thread.
 */
final class SimulatedStore implements FakeServer.Registrar {

    record Commit(long after, long revision, List<Change> changes) {}

    /** A session as its owner knows it. */
    static final class Session {
        final String id;
        long fence = 1;
        String attempt = "";
        /** The stream that carries it; null: suspect. */
        @Nullable
        SimulatedSession link;
        /** Whether its client was told its id. */
        boolean told;
        /** What it has lost, until it registers that again. */
        final Map<String, Long> lost = new TreeMap<>();
        /** Silent or without a stream for longer, and it is over. */
        long untilNanos;

        Session(String id) {
            this.id = id;
        }
    }

    final Map<String, Session> sessions = new TreeMap<>();
    final List<Commit> commits = new ArrayList<>();
    /** Sessions that ran out of time with something registered. */
    int flaps;
    /** The next calls take effect, and their answers are lost. */
    int answersToLose;

    private final Random random;
    private final Map<String, NavigableMap<Long, Map<String, Instance>>> states = new HashMap<>();
    private final Map<String, String> holders = new HashMap<>();
    private final Map<String, Object> answered = new HashMap<>();
    private String epoch = "";
    private long compacted;
    private int sessionNumbers;

    SimulatedStore(Random random) {
        this.random = random;
        wipe();
    }

    String epoch() {
        return epoch;
    }

    long compacted() {
        return compacted;
    }

    long head() {
        return ofEpoch(epoch).lastKey();
    }

    Cursor cursor() {
        return Frames.cursor(epoch, head());
    }

    Map<String, Instance> state() {
        return stateAt(epoch, head());
    }

    Map<String, Instance> stateAt(String at, long revision) {
        return ofEpoch(at).floorEntry(revision).getValue();
    }

    private NavigableMap<Long, Map<String, Instance>> ofEpoch(String at) {
        return Objects.requireNonNull(states.get(at), at);
    }

    @Nullable
    String holder(String instance) {
        return holders.get(instance);
    }

    /** Everything is lost; a new history begins. */
    void wipe() {
        epoch = "e" + (states.size() + 1);
        NavigableMap<Long, Map<String, Instance>> fresh = new TreeMap<>();
        fresh.put(1L, new TreeMap<>());
        states.put(epoch, fresh);
        compacted = 0;
        commits.clear();
        holders.clear();
        answered.clear();
        sessions.clear();
    }

    void compact() {
        compacted = head();
    }

    Session open() {
        Session session = new Session("session-" + ++sessionNumbers);
        sessions.put(session.id, session);
        return session;
    }

    void end(Session session, RemovalReason reason) {
        sessions.remove(session.id);
        List<String> held = new ArrayList<>();
        holders.forEach((instance, holder) -> {
            if (holder.equals(session.id)) {
                held.add(instance);
            }
        });
        held.sort(null);
        held.forEach(instance -> remove(instance, reason));
    }

    /** Nobody loses the time in which nobody watched. */
    void grantAll(long untilNanos) {
        sessions.values().forEach(session -> session.untilNanos = Math.max(session.untilNanos, untilNanos));
    }

    void expireSilent(long nowNanos) {
        for (Session session : List.copyOf(sessions.values())) {
            if (nowNanos > session.untilNanos) {
                flaps += holders.containsValue(session.id) ? 1 : 0;
                end(session, RemovalReason.REMOVAL_REASON_SESSION_EXPIRED);
                SimulatedSession link = session.link;
                if (link != null) {
                    link.expired();
                }
            }
        }
    }

    /** Another provider puts an instance, whoever holds it. */
    void put(String id, String holder) {
        var unused = put(Frames.instance(id, 0), holder);
    }

    void remove(String id, RemovalReason reason) {
        Map<String, Instance> next = new TreeMap<>(state());
        if (next.remove(id) != null) {
            holders.remove(id);
            commit(next, Frames.removal(id, reason), head() + 1 + random.nextInt(3));
        }
    }

    private Instance put(Instance given, String holder) {
        long revision = head() + 1 + random.nextInt(3);
        Map<String, Instance> next = new TreeMap<>(state());
        Instance before = next.get(given.getId());
        long created =
                before != null && holder.equals(holders.get(given.getId())) ? before.getCreatedRevision() : revision;
        Instance stored = given.toBuilder()
                .setService("orders")
                .setCreatedRevision(created)
                .setModifiedRevision(revision)
                .build();
        next.put(stored.getId(), stored);
        String former = holders.put(stored.getId(), holder);
        commit(next, Frames.put(stored), revision);
        Session loser = former == null || former.equals(holder) ? null : sessions.get(former);
        if (loser != null && before != null) {
            loser.lost.put(stored.getId(), before.getCreatedRevision());
            if (loser.link != null) {
                loser.link.lost(stored.getId(), before.getCreatedRevision());
            }
        }
        return stored;
    }

    private void commit(Map<String, Instance> next, Change change, long revision) {
        commits.add(new Commit(head(), revision, List.of(change)));
        ofEpoch(epoch).put(revision, next);
    }

    // --- calls

    @Override
    public RegisterResponse register(RegisterRequest request) {
        String id = request.getInstance().getId();
        return (RegisterResponse) call(request.getSessionId(), request.getRequestId(), () -> {
            Objects.requireNonNull(sessions.get(request.getSessionId())).lost.remove(id);
            Instance stored = put(request.getInstance(), request.getSessionId());
            return RegisterResponse.newBuilder()
                    .setCursor(cursor())
                    .setInstance(stored)
                    .build();
        });
    }

    @Override
    public Cursor updateStatus(UpdateStatusRequest request) {
        return (Cursor) call(request.getSessionId(), request.getRequestId(), () -> {
            Instance held = held(request.getInstanceId(), request.getSessionId(), request.getRegistration());
            put(held.toBuilder().setStatus(request.getStatus()).build(), request.getSessionId());
            return cursor();
        });
    }

    @Override
    public Cursor deregister(DeregisterRequest request) {
        return (Cursor) call(request.getSessionId(), request.getRequestId(), () -> {
            held(request.getInstanceId(), request.getSessionId(), request.getRegistration());
            remove(request.getInstanceId(), RemovalReason.REMOVAL_REASON_DEREGISTERED);
            return cursor();
        });
    }

    private Object call(String sessionId, String requestId, Supplier<?> effect) {
        Object first = answered.get(requestId);
        if (first == null) {
            if (!sessions.containsKey(sessionId)) {
                throw Errors.of(Status.Code.NOT_FOUND, "SESSION_EXPIRED");
            }
            first = effect.get();
            answered.put(requestId, first);
        }
        if (answersToLose > 0) {
            answersToLose--;
            throw (random.nextBoolean() ? Status.UNAVAILABLE : Status.DEADLINE_EXCEEDED).asRuntimeException();
        }
        return first;
    }

    /** @param meant the only registration that is; of no epoch: any */
    private Instance held(String id, String sessionId, Cursor meant) {
        Instance instance = state().get(id);
        if (instance == null
                || !sessionId.equals(holders.get(id))
                || (meant.getEpoch().equals(epoch) && meant.getRevision() != instance.getCreatedRevision())) {
            throw Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_HOLDER");
        }
        return instance;
    }
}
