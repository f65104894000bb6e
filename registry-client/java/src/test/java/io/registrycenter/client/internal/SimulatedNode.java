package io.registrycenter.client.internal;

import io.grpc.Status;
import io.registrycenter.proto.v1.AttachResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One server of a simulated registry: serves the streams that came to it from the shared store. Can be deaf (it neither reads
 * nor writes), killed, drained; can lose frames. Confined to the test's thread.
 */
final class SimulatedNode {

    static final Duration TTL = Duration.ofSeconds(15);
    static final Duration RECONNECT_GRACE = Duration.ofSeconds(10);
    static final Duration RESTART_GRACE = Duration.ofSeconds(30);

    /** The next commits are not told. */
    int deltasToLose;

    /** The next {@code Opened} are written into streams that break. */
    int openedToLose;

    /** Watch streams that reached this server. */
    long watchesTaken;

    private final FakeWorld world;
    private final FakeServer server;
    final SimulatedStore store;
    final Random random;
    private final List<SimulatedSession> sessions = new ArrayList<>();
    private final List<SimulatedWatch> watches = new ArrayList<>();
    private boolean up = true;
    private long deafUntilNanos;
    /** 0: does not drain. */
    private long gonerAtNanos;

    SimulatedNode(FakeWorld world, FakeServer server, SimulatedStore store, Random random) {
        this.world = world;
        this.server = server;
        this.store = store;
        this.random = random;
        server.registrar = store;
        deafUntilNanos = world.timing.nanoTime();
    }

    long now() {
        return world.timing.nanoTime();
    }

    boolean up() {
        return up;
    }

    boolean hasWatch() {
        return watches.stream().anyMatch(seat -> !seat.peer.over());
    }

    void act() {
        seat();
        if (!up || world.timing.nanoTime() < deafUntilNanos) {
            return;
        }
        List.copyOf(sessions).forEach(SimulatedSession::act);
        List.copyOf(watches).forEach(SimulatedWatch::act);
        if (gonerAtNanos != 0 && world.timing.nanoTime() >= gonerAtNanos) {
            gonerAtNanos = 0;
            end(Errors.of(Status.Code.UNAVAILABLE, "DRAINING"), RESTART_GRACE);
        }
        sessions.removeIf(seat -> seat.peer.over());
        watches.removeIf(seat -> seat.peer.over());
    }

    private void seat() {
        server.sessions.forEach(peer -> sessions.add(new SimulatedSession(this, peer)));
        server.sessions.clear();
        watchesTaken += server.watches.size();
        server.watches.forEach(peer -> watches.add(new SimulatedWatch(this, peer)));
        server.watches.clear();
    }

    /** Every stream breaks, and this server learns of it. */
    void cut() {
        end(Status.UNAVAILABLE.asRuntimeException(), RECONNECT_GRACE);
    }

    void deaf(Duration time) {
        deafUntilNanos = world.timing.nanoTime() + time.toNanos();
        store.grantAll(deafUntilNanos + TTL.toNanos());
    }

    void drain(Duration reconnectAfter) {
        seat();
        if (!up || gonerAtNanos != 0) {
            return;
        }
        gonerAtNanos = world.timing.nanoTime() + reconnectAfter.toNanos();
        for (SimulatedSession seat : sessions) {
            if (!seat.peer.over()) {
                seat.peer.send(AttachResponse.newBuilder()
                        .setDrain(Frames.drain(reconnectAfter.toMillis()))
                        .build());
            }
        }
        for (SimulatedWatch seat : watches) {
            if (!seat.peer.over()) {
                seat.peer.send(Frames.draining(reconnectAfter.toMillis()));
            }
        }
    }

    void kill() {
        if (up) {
            up = false;
            gonerAtNanos = 0;
            end(Status.UNAVAILABLE.asRuntimeException(), RESTART_GRACE);
            store.grantAll(world.timing.nanoTime() + RESTART_GRACE.toNanos());
            server.stop();
        }
    }

    /** Nobody whose session is suspect loses the time this server was away. */
    void start() {
        if (!up) {
            up = true;
            server.start();
            store.grantAll(world.timing.nanoTime() + RESTART_GRACE.toNanos());
        }
    }

    private void end(Throwable failure, Duration grace) {
        seat();
        for (SimulatedSession seat : sessions) {
            seat.detach(grace);
            if (!seat.peer.over()) {
                seat.peer.fail(failure);
            }
        }
        for (SimulatedWatch seat : watches) {
            if (!seat.peer.over()) {
                seat.peer.fail(failure);
            }
        }
        sessions.clear();
        watches.clear();
    }
}
