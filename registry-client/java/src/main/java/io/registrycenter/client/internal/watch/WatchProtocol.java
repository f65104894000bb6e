package io.registrycenter.client.internal.watch;

import io.grpc.MethodDescriptor;
import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.internal.link.Backoff;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Conversation;
import io.registrycenter.client.internal.link.Findings;
import io.registrycenter.client.internal.link.LinkEvents;
import io.registrycenter.client.internal.link.LinkMachine;
import io.registrycenter.client.internal.link.Protocol;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.Stream;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.PreviousEnd;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchWelcome;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The watches on one stream: who is subscribed, and what the newest stream is. While the stream moves there are two, and a
 * subscription takes what either brings. Confined to the serial executor.
 */
final class WatchProtocol implements Protocol<WatchRequest, WatchResponse> {

    private final Watches watches;
    private final Serial serial;
    private final ClientSettings settings;
    private final ClientInfo client;
    private final TimeoutContract contract;
    private final boolean severalTargets;
    private final LinkEvents events;
    private final LinkMachine<WatchRequest, WatchResponse> machine;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final Set<WatchConversation> open = new LinkedHashSet<>();
    private @Nullable WatchConversation newest;
    /** What the next Hello tells the server: the end of a stream that was live, else of the newest attempt. */
    private @Nullable DisconnectReport previous;

    /** Unique over all streams of this protocol, not only on each. */
    private long lastId;

    WatchProtocol(
            Watches watches,
            Serial serial,
            Channels channels,
            LinkEvents events,
            Findings findings,
            ClientSettings settings,
            ClientInfo client,
            TimeoutContract contract,
            DoubleSupplier random) {
        this.watches = watches;
        this.serial = serial;
        this.settings = settings;
        this.client = client;
        this.contract = contract;
        this.events = events;
        this.severalTargets = channels.several();
        this.machine = new LinkMachine<>(serial, channels, this, events, findings, settings.connectTimeout(), random);
    }

    void close() {
        subscriptions.forEach(Subscription::closed);
        subscriptions.clear();
        machine.close("the client was closed");
    }

    /** Where unary reads go best; empty before the first stream. */
    String lastTarget() {
        return machine.lastTarget();
    }

    int size() {
        return subscriptions.size();
    }

    void add(Subscription subscription) {
        subscriptions.add(subscription);
        if (newest != null) {
            newest.subscribe(subscription);
        }
        machine.start();
    }

    /** It is not followed here any more. */
    void remove(Subscription subscription) {
        if (!subscriptions.remove(subscription)) {
            return;
        }
        for (WatchConversation conversation : Set.copyOf(open)) {
            conversation.unsubscribe(subscription);
        }
        if (subscriptions.isEmpty()) {
            machine.rest("no watch is left");
        }
    }

    /** The registry refused it for good. */
    void refused(Subscription subscription) {
        watches.forget(subscription);
    }

    /** The stream is full without it: it is followed on another one. */
    void tooMany(Subscription subscription) {
        watches.move(subscription);
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
        for (Subscription subscription : subscriptions) {
            if (subscription.retry != null) {
                subscription.retry.cancel();
                subscription.retry = null;
            }
            conversation.subscribe(subscription);
        }
        open.add(conversation);
        newest = conversation;
        return conversation;
    }

    /** A conversation is over: who has no other one that follows has lost its source. */
    void over(WatchConversation conversation, long lastFrameNanos) {
        open.remove(conversation);
        if (newest == conversation) {
            newest = null;
        }
        Throwable first = null;
        for (Subscription subscription : subscriptions) {
            try {
                if (open.stream().noneMatch(other -> other.follows(subscription))) {
                    subscription.stale(lastFrameNanos);
                }
            } catch (RuntimeException | Error fault) {
                // The others have lost their source, too.
                first = first == null ? fault : first;
            }
        }
        if (first != null) {
            throw new IllegalStateException("not every view is known to be stale", first);
        }
    }

    @Override
    public void ended(DisconnectReport report) {
        if (previous == null || !previous.wasLive() || report.wasLive()) {
            previous = report;
        }
    }

    /** The server has read the Hello, and says what it takes. */
    void welcomed(WatchWelcome welcome) {
        DisconnectReport seen = previous;
        previous = null;
        contract.check(welcome);
        watches.limits(welcome.getLimits());
        if (seen != null && welcome.hasPreviousEnd()) {
            explain(seen, welcome.getPreviousEnd());
        }
    }

    private void explain(DisconnectReport seen, PreviousEnd known) {
        CloseCause cause = Words.cause(known.getCause());
        if (known.getStreamId().equals(seen.streamId()) && cause != seen.cause()) {
            events.explained(seen, cause, known.getMessage());
        }
    }
}
