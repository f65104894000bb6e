package io.registrycenter.watch;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/** The heartbeats of a stream, their acknowledgements, and the ends that its clock asks for. On the stream's lane. */
final class StreamPulse {

    private StreamPulse() {}

    /** A heartbeat that covers what is written to every subscription that has its first answer. */
    static Frame.Heartbeat next(WatchStream stream) {
        Hub hub = stream.hub();
        long seq = stream.clock().heartbeatWritten(hub.now());
        return new Frame.Heartbeat(0, seq, hub.cursor(stream.subscriptions().answeredUpTo(hub.published())));
    }

    /** The client answered a heartbeat; one that was never sent ends the stream. */
    static void acknowledged(WatchStream stream, long seq) {
        StreamClock clock = stream.clock();
        long sent = clock.heartbeats();
        if (seq <= 0 || seq > sent) {
            stream.invalid("heartbeat_ack.seq must name a heartbeat that was sent, was " + seq + " of " + sent);
            return;
        }
        if (seq == sent && clock.awaitsAck()) {
            Hub hub = stream.hub();
            hub.stats().timings().heartbeatAnswered(clock.sinceHeartbeatNanos(hub.now()));
        }
        clock.acknowledged(sent - seq);
    }

    /** Ends the stream when its clock found one of the rules broken. */
    static void end(WatchStream stream, StreamClock.Verdict verdict) {
        switch (verdict) {
            case FINE, HEARTBEAT_DUE, TOO_OLD -> {}
            case ACK_OVERDUE ->
                stream.end(
                        CloseCause.HEARTBEAT_TIMEOUT,
                        "a heartbeat was not acknowledged in time",
                        Duration.ofSeconds(1));
            case IDLE -> stream.end(CloseCause.IDLE_TIMEOUT, "nothing was heard of the client", Duration.ofSeconds(1));
            case STALLED ->
                stream.end(CloseCause.SLOW_CONSUMER, "data waited and the client took none", Duration.ofSeconds(5));
        }
    }
}
