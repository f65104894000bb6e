package io.registrycenter.client.internal.link;

import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport.Phase;
import io.registrycenter.client.internal.wire.Ends;
import io.registrycenter.client.internal.wire.StreamEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream from its first frame to its one end, with its clocks. However it ends (server, network, read deadline, our
 * own word), it comes to {@link #end}; the first wins. Confined to the serial executor.
 */
final class Attempt<Q, R> implements Stream<Q>, WireStream.Receiver<R>, Connection.User {

    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    /** The timer fired this much late: this process was asleep, not the server. */
    private static final long ASLEEP_NANOS = Duration.ofSeconds(2).toNanos();
    /** How long frames that came while asleep have to be read. */
    private static final Duration AWAKE = Duration.ofSeconds(1);

    /** What the machine is told. */
    interface Owner<Q, R> {
        void answered(Attempt<Q, R> attempt);

        /** Returns whether it counts: one that is being replaced already is not announced any more. */
        boolean live(Attempt<Q, R> attempt, boolean resumed, @Nullable Cursor cursor);

        void draining(Attempt<Q, R> attempt, CloseCause cause, Duration reconnectAfter);

        void ended(Attempt<Q, R> attempt, StreamEnd end);
    }

    final String target;
    final long startedNanos;
    long lastFrameNanos;
    String node = "";
    String streamId = "";

    private final Serial serial;
    private final Owner<Q, R> owner;
    private final Duration connectTimeout;
    private Duration readTimeout;
    private @Nullable WireStream<Q, R> wire;
    private @Nullable Conversation<R> conversation;
    private Serial.@Nullable Timer watchdog;
    private @Nullable CloseCause drainCause;
    private long resumeAtNanos;
    private @Nullable Connection connection;
    private Phase phase = Phase.CONNECTING;
    /** The connection is in doubt since then, and no frame has come. */
    private boolean doubted;

    private long doubtedNanos;
    private boolean saidAll;
    private boolean ended;

    Attempt(Serial serial, Owner<Q, R> owner, String target, Duration connectTimeout) {
        this.serial = serial;
        this.owner = owner;
        this.target = target;
        this.connectTimeout = connectTimeout;
        this.readTimeout = connectTimeout;
        this.startedNanos = serial.nanoTime();
        this.lastFrameNanos = startedNanos;
    }

    /** Begins; whatever is thrown meanwhile is the attempt's end. */
    void start(Channels channels, Protocol<Q, R> protocol) {
        try {
            Connection over = channels.ready(target);
            connection = over;
            over.add(this);
            wire = new WireStream<>(serial, over.channel(), protocol.method(), this);
            watch(connectTimeout);
            conversation = protocol.begin(this);
        } catch (Throwable fault) {
            log.debug("An attempt to make a stream to {} failed on this side", target, fault);
            end(Ends.thrown(fault));
        }
    }

    /** How far it has come, or had when it ended; live only when it was announced. */
    Phase phase() {
        return phase;
    }

    /** What its end says about the connection. */
    void judge(Channels channels, CloseCause cause) {
        if (connection != null) {
            channels.ended(connection, cause);
        }
    }

    /** What comes next need not use the same connection. */
    void moveOn(Channels channels) {
        if (connection != null) {
            channels.moved(connection);
        }
    }

    /** One that was not answered yet has its own, short limit, and claims nothing meanwhile. */
    @Override
    public void prove() {
        if (ended || doubted || conversation == null || !answered()) {
            return;
        }
        doubted = true;
        doubtedNanos = serial.nanoTime();
        conversation.prove();
        watch(Connection.PROOF);
    }

    // --- from the wire

    @Override
    public void frame(R frame) {
        Conversation<R> to = conversation;
        if (ended || to == null) {
            return;
        }
        lastFrameNanos = serial.nanoTime();
        doubted = false;
        if (connection != null) {
            connection.heard();
        }
        if (phase == Phase.CONNECTING) {
            phase = Phase.SYNCING;
            watch(readTimeout);
            owner.answered(this);
        }
        to.frame(frame);
    }

    @Override
    public void failed(Throwable fault) {
        if (!ended) {
            log.error("A fault in handling the stream to {}: it is made again", target, fault);
            end(Ends.thrown(fault));
        }
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        StreamEnd end = Ends.of(status, trailers, answered());
        if (saidAll && end.orderly()) {
            end = new StreamEnd(CloseCause.CLIENT_COMPLETED, null, end.detail(), true);
        }
        CloseCause planned = drainCause;
        if (planned == null || end.cause() == CloseCause.CLIENT_COMPLETED) {
            end(end);
        } else {
            // What the server announced explains any end that follows; its hint is counted from then.
            Duration rest = Duration.ofNanos(Math.max(0, resumeAtNanos - serial.nanoTime()));
            boolean named = end.cause().origin() == CloseCause.Origin.SERVER;
            end(new StreamEnd(named ? end.cause() : planned, rest, end.detail(), end.orderly()));
        }
    }

    // --- from the conversation

    @Override
    public String target() {
        return target;
    }

    @Override
    public void send(Q frame) {
        if (ended || wire == null) {
            return;
        }
        try {
            wire.send(frame);
        } catch (RuntimeException | Error fault) {
            if (conversation == null) {
                // It only begins: that is the end of the beginning.
                throw fault;
            }
            failed(fault);
        }
    }

    @Override
    public void halfClose() {
        if (!ended && wire != null) {
            saidAll = true;
            wire.halfClose();
        }
    }

    @Override
    public void named(String newNode, String newStreamId) {
        node = newNode;
        streamId = newStreamId;
    }

    @Override
    public void readTimeout(Duration timeout) {
        readTimeout = timeout;
        if (!ended && answered()) {
            // It may be over long before the timer that waits for the present limit.
            watch(timeout);
        }
    }

    @Override
    public void live(boolean resumed, @Nullable Cursor cursor) {
        if (!ended && phase == Phase.SYNCING && owner.live(this, resumed, cursor)) {
            phase = Phase.LIVE;
        }
    }

    @Override
    public void drain(CloseCause cause, Duration reconnectAfter) {
        if (!ended && drainCause == null) {
            drainCause = cause;
            resumeAtNanos = serial.nanoTime() + reconnectAfter.toNanos();
            owner.draining(this, cause, reconnectAfter);
        }
    }

    @Override
    public void end(StreamEnd end) {
        serial.check();
        if (ended) {
            return;
        }
        ended = true;
        if (watchdog != null) {
            watchdog.cancel();
        }
        if (connection != null) {
            connection.remove(this);
        }
        // Whatever one of them throws, the owner is told: it makes the next stream.
        try {
            if (wire != null) {
                wire.cancel(end.cause().name());
            }
        } finally {
            tellOfTheEnd(end);
        }
    }

    private void tellOfTheEnd(StreamEnd end) {
        try {
            if (conversation != null) {
                conversation.closed(end, lastFrameNanos);
            }
        } finally {
            owner.ended(this, end);
        }
    }

    private boolean answered() {
        return phase != Phase.CONNECTING;
    }

    /** Looks again when a limit could be over; a frame moves the limits, not the timer. */
    private void watch(Duration delay) {
        if (watchdog != null) {
            watchdog.cancel();
        }
        long dueNanos = serial.nanoTime() + delay.toNanos();
        watchdog = serial.schedule(delay, () -> {
            try {
                look(dueNanos);
            } catch (Throwable fault) {
                failed(fault);
            }
        });
    }

    private void look(long dueNanos) {
        long now = serial.nanoTime();
        long left = untilSilentNanos(now);
        if (left > 0) {
            watch(Duration.ofNanos(left));
        } else if (now - dueNanos > ASLEEP_NANOS) {
            watch(AWAKE);
        } else {
            end(StreamEnd.of(
                    answered() ? CloseCause.READ_TIMEOUT : CloseCause.CONNECT_TIMEOUT,
                    "no frame for " + Duration.ofNanos(now - lastFrameNanos).toMillis() + " ms"
                            + (doubted ? ", asked for one after another loss on its connection" : "")));
        }
    }

    /** How long it may be silent still; 0 or less: no longer. */
    private long untilSilentNanos(long now) {
        long limit = (answered() ? readTimeout : connectTimeout).toNanos();
        long left = limit - (now - lastFrameNanos);
        return doubted ? Math.min(left, Connection.PROOF.toNanos() - (now - doubtedNanos)) : left;
    }
}
