package io.registrycenter.session;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.Registered;
import io.registrycenter.registration.Registrations;
import io.registrycenter.store.Presence;
import io.registrycenter.store.Store;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One server on the fake store; it can be killed and started again on the same store. */
final class SessionWorld extends SimulatedWorld implements Entrance {

    private int starts;
    private long nextSweep;

    // Of the running server.
    View view;
    Sessions sessions;
    Registrations registrations;
    private Store.Following following;

    SessionWorld() {
        this(SessionSettings.DEFAULT, 1);
    }

    SessionWorld(SessionSettings settings, long seed) {
        super(settings, seed);
        Server first = boot();
        view = first.view();
        sessions = first.sessions();
        registrations = first.registrations();
        following = first.following();
        watch();
        steps.run();
        sessions.ready(Presence.ALONE);
    }

    private record Server(View view, Sessions sessions, Registrations registrations, Store.Following following) {}

    private Server boot() {
        starts++;
        View newView = new View(store.epoch());
        Sessions newSessions = new Sessions(node(), store, newView, settings, this::now, this::newId, steps.executor());
        Applier applier = new Applier(newView, List.of(newSessions), SessionWorld::fail);
        Store.Following newFollowing = store.follow(0, applier);
        return new Server(
                newView, newSessions, new Registrations(store, newView, newSessions.standstill()), newFollowing);
    }

    /** Kill -9: what is queued in the process is gone, what is durable stays. */
    void kill() {
        following.close();
        steps.killProcess();
    }

    void start() {
        store.resumeDelivery();
        startLagging();
    }

    /** Nothing is delivered to the server, where the store pauses that. */
    void startLagging() {
        Server next = boot();
        view = next.view();
        sessions = next.sessions();
        registrations = next.registrations();
        following = next.following();
        steps.run();
        sessions.ready(Presence.ALONE);
        nextSweep = now() + SWEEP.toNanos();
    }

    /** Who the running server is. */
    String node() {
        return "node-1#" + starts;
    }

    /** Time passes for everybody but the server: it neither sweeps nor runs. */
    void standStill(Duration time) {
        moveTo(now() + time.toNanos());
    }

    @Override
    void pass(Duration time) {
        steps.run();
        long end = now() + time.toNanos();
        while (now() < end) {
            moveTo(Math.min(end, now() + SWEEP.toNanos()));
            if (now() >= nextSweep) {
                sweep();
            }
            steps.run();
        }
    }

    void sweep() {
        sessions.sweep();
        nextSweep = now() + SWEEP.toNanos();
    }

    @Override
    public TestLink link() {
        return new TestLink(sessions, steps.executor());
    }

    /** A link with a new session on it. */
    TestLink opened() {
        TestLink link = link();
        link.open(Duration.ZERO);
        steps.run();
        return link;
    }

    TestLink resumed(String id, long fence, String attempt) {
        TestLink link = link();
        link.resume(id, fence, attempt);
        steps.run();
        return link;
    }

    TestLink resumedFrom(Cursor from, TestLink former, String attempt) {
        TestLink link = link();
        link.resume(former.id(), former.fence(), attempt, from);
        steps.run();
        return link;
    }

    @Override
    public CompletableFuture<Registered> registering(String sessionId, String id, int weight) {
        return registrations.register(new RegisterCommand("shop", instance(id, weight), sessionId, "", () -> false));
    }

    void register(String sessionId, String... instances) {
        for (String id : instances) {
            CompletableFuture<Registered> call = registering(sessionId, id, 1);
            steps.run();
            call.join();
        }
    }
}
