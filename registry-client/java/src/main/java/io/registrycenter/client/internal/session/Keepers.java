package io.registrycenter.client.internal.session;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.LinkMachine;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.wire.Failures;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.ClientInfo;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything this client wants to be registered, and the session that keeps it alive. The session is opened with the first
 * registration, and given up when the last one has been gone for {@link #UNUSED}; calls go out while it is active, at most
 * {@link #MAX_CALLS} at a time, in turn. Confined to the serial executor, except {@link #register}.
 */
public final class Keepers implements SessionListener {

    private static final Logger log = LoggerFactory.getLogger(Keepers.class);

    static final int MAX_CALLS = 128;

    /** Who takes an instance out and puts another one in keeps the session. */
    static final Duration UNUSED = Duration.ofSeconds(30);

    /** Which ids the user has registered and not closed: claimed and released on any thread. */
    private final ConcurrentHashMap<InstanceKey, Keeper> claims = new ConcurrentHashMap<>();

    /** The newest keeper of each id that has something to keep, or to settle. */
    private final Map<InstanceKey, Keeper> keepers = new LinkedHashMap<>();

    private final Set<InstanceKey> due = new LinkedHashSet<>();
    private final Serial serial;
    private final Callbacks callbacks;
    private final ClientSettings settings;
    private final Supplier<String> tokens;
    private final DoubleSupplier random;
    private final RegistrationCalls registrationCalls;
    private final SessionProtocol protocol;
    private final LinkMachine<AttachRequest, AttachResponse> machine;
    private @Nullable String activeSession;
    private Serial.@Nullable Timer unused;
    private boolean left;
    private int calls;

    /**
     * Nothing is connected yet.
     *
     * @param tokens random names of at most 64 characters, another one each time
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    public Keepers(
            Serial serial,
            Channels channels,
            UnaryCalls unaryCalls,
            Callbacks callbacks,
            LinkEvents events,
            Findings findings,
            ClientSettings settings,
            ClientInfo client,
            Supplier<String> tokens,
            DoubleSupplier random) {
        this.serial = serial;
        this.callbacks = callbacks;
        this.settings = settings;
        this.tokens = tokens;
        this.random = random;
        this.registrationCalls = new RegistrationCalls(unaryCalls);
        this.protocol = new SessionProtocol(serial, findings, this, client, settings.sessionTtl(), tokens, random);
        this.machine =
                new LinkMachine<>(serial, channels, protocol, events, findings, settings.connectTimeout(), random);
    }

    /**
     * Keeps an instance registered. Any thread.
     *
     * @throws IllegalStateException when the id is kept already
     */
    public Registration register(String namespace, String service, Instance instance) {
        InstanceKey key = new InstanceKey(namespace, service, instance.id());
        Keeper keeper = new Keeper(this, key, instance, serial, callbacks, tokens, random);
        if (claims.putIfAbsent(key, keeper) != null) {
            throw new IllegalStateException("this client keeps " + key + " already: change it with its registration");
        }
        KeptRegistration registration = new KeptRegistration(keeper, serial, settings.closeTimeout());
        serial.execute(() -> start(keeper));
        return registration;
    }

    private void start(Keeper keeper) {
        if (left) {
            keeper.abandon(RegistryException.closed("the client was closed"));
            return;
        }
        stopResting();
        Keeper former = keepers.put(keeper.key(), keeper);
        machine.start();
        keeper.start(former);
    }

    /** The user may register the id anew. Any thread. */
    void release(Keeper keeper) {
        claims.remove(keeper.key(), keeper);
    }

    /** Gives everything up; {@link #left} says when that is done, and {@link #close} must follow. */
    public void leave() {
        serial.check();
        left = true;
        stopResting();
        RegistryException closed = RegistryException.closed("the client was closed");
        snapshot().forEach(keeper -> keeper.abandon(closed));
        protocol.leave();
    }

    /** Completes when the registry has taken the goodbye, or there was none to say. Any thread. */
    public CompletableFuture<Boolean> left() {
        return protocol.left();
    }

    public void close() {
        machine.close("the client was closed");
    }

    // --- for keepers

    /** The keeper of the id has something to send. */
    void due(InstanceKey key) {
        due.add(key);
        pump();
    }

    /** Nothing is left to do for it. */
    void forget(Keeper keeper) {
        release(keeper);
        if (keepers.remove(keeper.key(), keeper)) {
            due.remove(keeper.key());
        }
        restWhenUnused();
    }

    private void restWhenUnused() {
        if (left || unused != null || !keepers.isEmpty() || !protocol.hasSession()) {
            return;
        }
        unused = serial.schedule(UNUSED, () -> {
            unused = null;
            if (keepers.isEmpty() && protocol.hasSession() && !protocol.rest()) {
                machine.rest("nothing is registered");
            }
        });
    }

    private void stopResting() {
        if (unused != null) {
            unused.cancel();
            unused = null;
        }
    }

    /** Whether there is a session that may hold instances, linked or not. */
    boolean hasSession() {
        return protocol.hasSession();
    }

    private void pump() {
        Iterator<InstanceKey> turn = due.iterator();
        while (turn.hasNext() && activeSession != null && calls < MAX_CALLS) {
            Keeper keeper = keepers.get(turn.next());
            turn.remove();
            if (keeper != null) {
                send(keeper, activeSession);
            }
        }
    }

    private void send(Keeper keeper, String sessionId) {
        Intent intent = keeper.exchange().take();
        InstanceKey key = keeper.key();
        calls++;
        registrationCalls.send(intent, key, sessionId, machine.lastTarget(), (answer, failure) -> {
            calls--;
            settle(key, intent, sessionId, answer, failure);
            pump();
        });
    }

    /** A fault in taking an answer is no answer: the same call is made again, which changes nothing where it was carried out. */
    private void settle(
            InstanceKey key,
            Intent intent,
            String sessionId,
            @Nullable Accepted answer,
            @Nullable RegistryException failure) {
        // A newer one may have taken over, with this call at hand.
        Keeper keeper = keepers.get(key);
        try {
            if (failure != null && failure.kind() == RegistryException.Kind.SESSION_EXPIRED) {
                protocol.expired(sessionId);
            } else if (failure != null && keeper != null) {
                keeper.exchange().failed(intent, failure);
            } else if (answer != null) {
                if (keeper != null) {
                    keeper.exchange().acknowledged(intent, answer);
                }
                protocol.acknowledged(answer.cursor());
            }
        } catch (Throwable fault) {
            log.error("A fault in taking the answer for {}: it is asked for again", key, fault);
            if (keeper != null) {
                keeper.exchange().faulted(intent, Failures.thrown(fault));
            }
        }
    }

    private List<Keeper> snapshot() {
        return List.copyOf(keepers.values());
    }

    // --- what happens to the session

    @Override
    public void active(String sessionId, boolean sameSession) {
        activeSession = sessionId;
        if (!sameSession) {
            snapshot().forEach(Keeper::sessionGone);
        }
        pump();
        restWhenUnused();
    }

    @Override
    public void suspended() {
        activeSession = null;
    }

    @Override
    public void expired() {
        activeSession = null;
        snapshot().forEach(Keeper::sessionGone);
    }

    @Override
    public void otherHistory() {
        snapshot().forEach(Keeper::confirm);
    }

    @Override
    public void fenced() {
        activeSession = null;
        snapshot().forEach(Keeper::fenced);
    }

    @Override
    public void lost(String namespace, String service, String instanceId, long createdRevision, LostReason reason) {
        Keeper keeper = keepers.get(new InstanceKey(namespace, service, instanceId));
        if (keeper != null) {
            keeper.lost(reason, createdRevision);
        }
    }

    @Override
    public boolean needsSession() {
        return keepers.values().stream().anyMatch(Keeper::wanted);
    }
}
