package io.registrycenter.client.internal.watch;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.client.internal.cache.ViewCache;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.stats.Counters;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.WatchLimits;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All watches of a client, on as many streams as the server's limits ask for: a stream takes {@value #SUBSCRIPTIONS} of them, or
 * what the server said last, and half of the streams of a connection are watch streams at most, so that a stream can be replaced
 * while it still delivers. A watch beyond that is refused, and its listener told.
 *
 * <p>A stream is filled before another one is made; one that has no watch left ends, and is filled first. Confined to the serial
 * executor, except {@link #watch}.
 */
public final class Watches {

    /** The default of {@code registry.watch.subscriptions-per-stream}: holds until a server has said its own. */
    static final int SUBSCRIPTIONS = 1000;

    /** The default of {@code registry.grpc.streams-per-connection}, likewise. */
    static final int STREAMS = 100;

    private static final Logger log = LoggerFactory.getLogger(Watches.class);

    private final Serial serial;
    private final Channels channels;
    private final Callbacks callbacks;
    private final LinkEvents events;
    private final Findings findings;
    private final ClientSettings settings;
    private final ClientInfo client;
    private final ViewCache cache;
    private final Counters counters;
    private final InstantSource wallClock;
    private final DoubleSupplier random;
    private final TimeoutContract contract;
    private final List<WatchProtocol> streams = new ArrayList<>();
    private final Map<Subscription, WatchProtocol> homes = new HashMap<>();
    private int subscriptionsPerStream = SUBSCRIPTIONS;
    private int streamsPerConnection = STREAMS;
    private boolean closed;

    public Watches(
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
        this.channels = channels;
        this.callbacks = callbacks;
        this.events = events;
        this.findings = findings;
        this.settings = settings;
        this.client = client;
        this.cache = cache;
        this.counters = counters;
        this.wallClock = wallClock;
        this.random = random;
        this.contract = new TimeoutContract(settings.readTimeout());
        streams.add(stream(events));
    }

    private WatchProtocol stream(LinkEvents told) {
        return new WatchProtocol(this, serial, channels, told, findings, settings, client, contract, random);
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
        homes.clear();
        streams.forEach(WatchProtocol::close);
        cache.flush();
    }

    /** Where unary reads go best; empty before the first stream. */
    public String lastTarget() {
        return streams.get(0).lastTarget();
    }

    private void add(Subscription subscription) {
        if (closed) {
            subscription.closed();
            return;
        }
        cache.opened(subscription);
        counters.opened(subscription);
        place(subscription);
    }

    private void place(Subscription subscription) {
        for (WatchProtocol stream : streams) {
            if (stream.size() < subscriptionsPerStream) {
                homes.put(subscription, stream);
                stream.add(subscription);
                return;
            }
        }
        int allowed = Math.max(1, streamsPerConnection / 2);
        if (streams.size() >= allowed) {
            refuse(subscription, (long) allowed * subscriptionsPerStream);
            return;
        }
        WatchProtocol another = stream(events.ofAnotherStream());
        streams.add(another);
        log.info("{} watch streams, since a server takes {} watches on each", streams.size(), subscriptionsPerStream);
        homes.put(subscription, another);
        another.add(subscription);
    }

    private void refuse(Subscription subscription, long allowed) {
        String why = "the servers take " + allowed + " watches of one client, " + subscriptionsPerStream
                + " on a stream; watch a namespace instead of its services, or make another client";
        log.warn("The watch of {} is refused: {}", subscription.interest(), why);
        subscription.refuse(RegistryException.of(
                RegistryException.Kind.LIMIT_EXCEEDED,
                CloseCause.LIMIT_EXCEEDED,
                why,
                Map.of("limit", "watches-per-client", "allowed", Long.toString(allowed)),
                null));
    }

    private void remove(Subscription subscription) {
        if (homes.containsKey(subscription)) {
            subscription.closed();
            forget(subscription);
        }
    }

    /** It is not followed any more. */
    void forget(Subscription subscription) {
        WatchProtocol home = homes.remove(subscription);
        if (home != null) {
            home.remove(subscription);
        }
    }

    /** Its stream has no room for it: it goes to another one, with its cursor. */
    void move(Subscription subscription) {
        forget(subscription);
        place(subscription);
    }

    /** What a server takes; what it does not say (0) changes nothing. */
    void limits(WatchLimits limits) {
        if (limits.getSubscriptionsPerStream() > 0) {
            subscriptionsPerStream = limits.getSubscriptionsPerStream();
        }
        if (limits.getStreamsPerConnection() > 0) {
            streamsPerConnection = limits.getStreamsPerConnection();
        }
    }
}
