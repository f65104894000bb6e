package io.registrycenter.client.internal.link;

import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.LossyMailbox;
import io.registrycenter.client.internal.stats.Counters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the user about the streams: one line each, no stack trace. Confined to the serial executor. */
public final class LinkEvents {

    private static final Logger log = LoggerFactory.getLogger(LinkEvents.class);

    private final @Nullable LinkListener listener;
    private final LossyMailbox mailbox;
    private final Counters counters;

    public LinkEvents(@Nullable LinkListener listener, Callbacks callbacks, Counters counters) {
        this.listener = listener;
        this.mailbox = callbacks.mailbox("Link listener");
        this.counters = counters;
    }

    /** Whether there is a live stream. */
    void live(StreamKind stream, boolean live) {
        counters.setConnected(stream, live);
    }

    void connected(Connected connected) {
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

    void disconnected(DisconnectReport report) {
        if (report.retries()) {
            counters.reconnect(report.stream(), report.cause());
        }
        // The first unexpected end of a run is worth a warning; an outage repeats itself.
        if (report.cause().expected() || report.failures() > 1) {
            log.info("{}", report);
        } else {
            log.warn("{}", report);
        }
        LinkListener to = listener;
        if (to != null) {
            mailbox.offer(() -> to.onDisconnected(report));
        }
    }
}
