package io.registrycenter.client.internal.link;

import io.registrycenter.client.ClientStatistics.Ending;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.LossyMailbox;
import io.registrycenter.client.internal.stats.Counters;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the user about the streams: one line each, no stack trace. Confined to the serial executor. */
public final class LinkEvents {

    private static final Logger log = LoggerFactory.getLogger(LinkEvents.class);

    private final @Nullable LinkListener listener;
    private final LossyMailbox mailbox;
    private final Counters counters;
    private final Map<StreamKind, Told> newest = new EnumMap<>(StreamKind.class);
    private final Set<StreamKind> warned = EnumSet.noneOf(StreamKind.class);

    /** What makes two ends in a row the same for the log. */
    private record Told(CloseCause cause, boolean expected) {}

    public LinkEvents(@Nullable LinkListener listener, Callbacks callbacks, Counters counters) {
        this(
                listener,
                callbacks.mailbox(
                        listener == null
                                ? "No listener"
                                : "Link listener " + listener.getClass().getName()),
                counters);
    }

    private LinkEvents(@Nullable LinkListener listener, LossyMailbox mailbox, Counters counters) {
        this.listener = listener;
        this.mailbox = mailbox;
        this.counters = counters;
    }

    /** For one more stream of a kind: the same listener, in order with the others, and its own lines in the log. */
    public LinkEvents ofAnotherStream() {
        return new LinkEvents(listener, mailbox, counters);
    }

    /** A stream is wanted, and whether there is a live one. */
    void live(StreamKind stream, boolean live) {
        counters.setConnected(this, stream, live);
    }

    /** No stream is wanted. */
    void resting(StreamKind stream) {
        counters.setResting(this, stream);
    }

    void connected(Connected connected) {
        newest.remove(connected.stream());
        warned.remove(connected.stream());
        log.info(
                "{} stream to {} live (node {}, stream {}): {}{}",
                connected.stream(),
                connected.target(),
                connected.node(),
                connected.streamId(),
                connected.resumed() ? "resumed" : "started",
                connected.cursor() == null ? "" : " at " + connected.cursor());
        LinkListener to = listener;
        if (to != null) {
            mailbox.offer(() -> to.onConnected(connected));
        }
    }

    /**
     * A stream, or an attempt to make one, ended. The first unexpected end since it was live is worth a warning; an outage
     * repeats itself, and what repeats itself is said once.
     */
    void ended(DisconnectReport report) {
        if (report.retries()) {
            counters.reconnect(new Ending(report.stream(), report.cause(), report.phase(), report.expected()));
        }
        Told told = new Told(report.cause(), report.expected());
        boolean repeated = told.equals(newest.put(report.stream(), told)) && !report.wasLive();
        if (!report.expected() && warned.add(report.stream())) {
            log.warn("{}", report);
        } else if (!repeated) {
            log.info("{}", report);
        } else {
            log.debug("{}", report);
        }
        LinkListener to = listener;
        if (to != null && report.wasLive()) {
            mailbox.offer(() -> to.onDisconnected(report));
        } else if (to != null) {
            mailbox.offer(() -> to.onAttemptFailed(report));
        }
    }

    /** The server says of an end that was told here that it had another cause. */
    public void explained(DisconnectReport seen, CloseCause cause, String message) {
        DisconnectReport report = new DisconnectReport(
                seen.stream(),
                seen.target(),
                seen.streamId(),
                cause,
                cause.expected(),
                seen.phase(),
                seen.age(),
                seen.idle(),
                message,
                seen.failures(),
                Duration.ZERO,
                seen.retries());
        log.info(
                "{} stream {} seemed to end by {}; the server says {} ({})",
                seen.stream(),
                seen.streamId(),
                seen.cause(),
                cause,
                message);
        LinkListener to = listener;
        if (to != null) {
            mailbox.offer(() -> to.onEndExplained(report));
        }
    }
}
