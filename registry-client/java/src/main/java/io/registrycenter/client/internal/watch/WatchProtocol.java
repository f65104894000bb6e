package io.registrycenter.client.internal.watch;

import io.grpc.MethodDescriptor;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Interest;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.client.internal.cache.ViewCache;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Conversation;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.LinkMachine;
import io.registrycenter.client.internal.link.Protocol;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.Stream;
import io.registrycenter.client.internal.stats.Counters;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All watches of a client on one stream: who is subscribed, and what the newest stream is. While the stream moves there are
 * two, and a subscription takes what either brings. Confined to the serial executor, except {@link #watch}.
 */
public final class WatchProtocol implements Protocol<WatchRequest, WatchResponse> {

    private final Serial serial;
    private final Callbacks callbacks;
    private final ClientSettings settings;
    private final ClientInfo client;
    private final DoubleSupplier random;
    private final ViewCache cache;
    private final Counters counters;
    private final InstantSource wallClock;
    private final boolean severalTargets;
    private final LinkMachine<WatchRequest, WatchResponse> machine;
    private final TimeoutContract contract;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final Set<WatchConversation> open = new LinkedHashSet<>();
    private @Nullable WatchConversation newest;
    /** What the next Hello tells the server: the end of a stream that was live, else of the newest attempt. */
    private @Nullable DisconnectReport previous;

    private boolean closed;
    /** Unique over all streams, not only on each. */
    private long lastId;

    public WatchProtocol(
            Serial serial,
            Channels channels,
            Callbacks callbacks,
            LinkEvents events,
            Findings findings,
            ClientSettings settings,
            ClientInfo client,
            ViewCache cache,
            Counters counters,
            InstantSource wallClock,
            DoubleSupplier random) {
        this.serial = serial;
        this.callbacks = callbacks;
        this.settings = settings;
        this.client = client;
        this.random = random;
        this.cache = cache;
        this.counters = counters;
        this.wallClock = wallClock;
        this.severalTargets = channels.several();
        this.contract = new TimeoutContract(settings.readTimeout());
        this.machine = new LinkMachine<>(serial, channels, this, events, findings, settings.connectTimeout(), random);
    }

    /** Any thread. */
    public Watch watch(Interest interest, WatchListener listener) {
        Subscription subscription = new Subscription(
                interest,
                serial,
                callbacks,
                callbacks.mailbox(listener, interest),
                settings.resetHold(),
                new Backoff(random),
                cache,
                counters,
                wallClock,
                this::remove);
        serial.execute(() -> add(subscription));
        return subscription;
    }

    public void close() {
        serial.check();
        closed = true;
        subscriptions.forEach(Subscription::closed);
        subscriptions.clear();
        cache.flush();
        machine.close("the client was closed");
    }

    /** Where unary reads go best; empty before the first stream. */
    public String lastTarget() {
        return machine.lastTarget();
    }

    private void add(Subscription subscription) {
        if (closed) {
            subscription.closed();
            return;
        }
        subscriptions.add(subscription);
        cache.opened(subscription);
        counters.opened(subscription);
        if (newest != null) {
            newest.subscribe(subscription);
        }
        machine.start();
    }

    private void remove(Subscription subscription) {
        if (!subscriptions.remove(subscription)) {
            return;
        }
        subscription.closed();
        for (WatchConversation conversation : Set.copyOf(open)) {
            conversation.unsubscribe(subscription);
        }
        if (subscriptions.isEmpty()) {
            machine.rest("no watch is left");
        }
    }

    /** The registry refused it for good. */
    void refused(Subscription subscription) {
        subscriptions.remove(subscription);
        if (subscriptions.isEmpty()) {
            machine.rest("no watch is left");
        }
    }

    /** Subscribes again on the stream there is then; without one the next stream does it. */
    void again(Subscription subscription, Duration delay) {
        subscription.retry = serial.schedule(delay, () -> {
            subscription.retry = null;
            if (newest != null && subscription.active()) {
                newest.subscribe(subscription);
            }
        });
    }

    boolean severalTargets() {
        return severalTargets;
    }

    long nextId() {
        return ++lastId;
    }

    Serial serial() {
        return serial;
    }

    TimeoutContract contract() {
        return contract;
    }

    // --- for the machine

    @Override
    public StreamKind kind() {
        return StreamKind.WATCH;
    }

    @Override
    public MethodDescriptor<WatchRequest, WatchResponse> method() {
        return WatchServiceGrpc.getWatchMethod();
    }

    @Override
    public boolean wanted() {
        return !subscriptions.isEmpty();
    }

    @Override
    public Duration backoffCap() {
        return Backoff.MAX;
    }

    @Override
    public Conversation<WatchResponse> begin(Stream<WatchRequest> stream) {
        stream.readTimeout(settings.readTimeout());
        stream.send(WatchFrames.hello(client, settings, previous));
        WatchConversation conversation = new WatchConversation(this, stream);
        open.add(conversation);
        newest = conversation;
        for (Subscription subscription : subscriptions) {
            if (subscription.retry != null) {
                subscription.retry.cancel();
                subscription.retry = null;
            }
            conversation.subscribe(subscription);
        }
        return conversation;
    }

    /** A conversation is over: who has no other one that follows has lost its source. */
    void over(WatchConversation conversation, long lastFrameNanos) {
        open.remove(conversation);
        if (newest == conversation) {
            newest = null;
        }
        for (Subscription subscription : subscriptions) {
            if (open.stream().noneMatch(other -> other.follows(subscription))) {
                subscription.stale(lastFrameNanos);
            }
        }
    }

    @Override
    public void ended(DisconnectReport report) {
        if (previous == null || !previous.wasLive() || report.wasLive()) {
            previous = report;
        }
    }

    /** The server has read the Hello. */
    void welcomed() {
        previous = null;
    }
}
