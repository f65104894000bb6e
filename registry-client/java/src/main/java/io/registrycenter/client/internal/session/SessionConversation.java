package io.registrycenter.client.internal.session;

import io.registrycenter.client.internal.link.Conversation;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.Stream;
import io.registrycenter.client.internal.wire.Ends;
import io.registrycenter.client.internal.wire.StreamEnd;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Drain;
import io.registrycenter.proto.v1.SessionLost;
import io.registrycenter.proto.v1.SessionOpened;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** The grammar of one session stream, and its heartbeats. Confined to the serial executor. */
final class SessionConversation implements Conversation<AttachResponse> {

    /** A heartbeat goes out after 0.8..1.0 of the interval: early rather than late, and not all clients at once. */
    private static final double JITTER = 0.2;

    private final SessionProtocol protocol;
    private final Serial serial;
    private final Stream<AttachRequest> stream;
    private final DoubleSupplier random;
    private Serial.@Nullable Timer heartbeat;
    private Duration interval = Duration.ZERO;

    SessionConversation(SessionProtocol protocol, Serial serial, Stream<AttachRequest> stream, DoubleSupplier random) {
        this.protocol = protocol;
        this.serial = serial;
        this.stream = stream;
        this.random = random;
    }

    @Override
    public void frame(AttachResponse response) {
        switch (response.getFrameCase()) {
            case OPENED -> opened(response.getOpened());
            case LOST -> lost(response.getLost());
            case DRAIN -> {
                Drain drain = response.getDrain();
                stream.drain(Words.cause(drain.getCause()), Duration.ofMillis(drain.getReconnectAfterMs()));
            }
            case EXPIRED -> protocol.expired();
            case HEARTBEAT -> protocol.heard(response.getHeartbeat().getCursor());
            default -> {
                // It proves life by arriving, as a heartbeat does; this client does not know it.
            }
        }
    }

    private void lost(SessionLost lost) {
        protocol.listener()
                .lost(
                        lost.getNamespace(),
                        lost.getService(),
                        lost.getInstanceId(),
                        lost.getCreatedRevision(),
                        Words.lost(lost.getReason()));
    }

    private void opened(SessionOpened opened) {
        interval = Duration.ofMillis(Math.max(1, opened.getHeartbeatIntervalMs()));
        // Two thirds of the TTL without an answer leave a third to come back on another link.
        Duration silence = Duration.ofMillis(opened.getTtlMs()).multipliedBy(2).dividedBy(3);
        Duration twoBeats = interval.multipliedBy(2);
        stream.readTimeout(silence.compareTo(twoBeats) > 0 ? silence : twoBeats);
        boolean same = protocol.opened(opened);
        beat();
        stream.live(same, null);
    }

    private void beat() {
        stopBeating();
        long nanos = (long) (interval.toNanos() * (1 - JITTER * random.getAsDouble()));
        heartbeat = serial.schedule(Duration.ofNanos(nanos), () -> {
            try {
                beat();
                stream.send(SessionFrames.HEARTBEAT);
            } catch (Throwable fault) {
                stream.end(Ends.thrown(fault));
            }
        });
    }

    /** Each heartbeat is answered; after the goodbye none is sent, and the end is what comes next. */
    @Override
    public void prove() {
        if (heartbeat != null) {
            stream.send(SessionFrames.HEARTBEAT);
            beat();
        }
    }

    private void stopBeating() {
        if (heartbeat != null) {
            heartbeat.cancel();
            heartbeat = null;
        }
    }

    /** The last frame: the server ends the stream when everything is out. */
    void goodbye() {
        stopBeating();
        stream.send(SessionFrames.GOODBYE);
        stream.halfClose();
    }

    void end(StreamEnd end) {
        stream.end(end);
    }

    @Override
    public void closed(StreamEnd end, long lastFrameNanos) {
        stopBeating();
        protocol.over(this, end);
    }
}
