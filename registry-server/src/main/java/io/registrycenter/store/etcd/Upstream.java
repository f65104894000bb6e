package io.registrycenter.store.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.WatchCreateRequest;
import io.registrycenter.store.etcd.wire.WatchGrpc;
import io.registrycenter.store.etcd.wire.WatchProgressRequest;
import io.registrycenter.store.etcd.wire.WatchRequest;
import io.registrycenter.store.etcd.wire.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch on everything that is ours, for as long as it is wanted, over as many streams as that takes.
 *
 * <p>The cursor is our own: it moves by what was delivered and by nothing else, and every stream says from where. Every end of a
 * stream, also an orderly one, is a reason to open the next, with the next member; only "compacted" is an answer. A revision is
 * delivered when all of it is there: etcd may cut it in parts. What is older than the cursor was delivered and is dropped.
 *
 * <pre>
 * WAITING --open--> STREAMING --any end--> WAITING
 *    `------------------`---compacted, stop--> ENDED
 * </pre>
 *
 * Confined to one serial executor, on which the receiver is called too; {@link #reopen} and {@link #stop} come from any thread.
 * A receiver that is slow slows the stream, nothing is queued for it here.
 *
 * <p>A watch above a restored store's head is silent, and then delivers the other history without an error. So a stream that goes on
 * begins with the last revision that was delivered, and it is held against what it was: what a member has put there must be
 * the same to the last bit, and every put of ours is unique. Of a revision without a put nothing can be proven, since a
 * compaction may have taken its deletes away.
 */
final class Upstream {

    /** Receives revisions. An exception ends the watch; {@link #failed} is told. */
    interface Receiver {

        /** The member answered a {@link #probe}: the stream delivers, and has no news. */
        default void heard() {}

        /** Everything of ours that has this revision, in order. */
        void revision(long revision, List<Event> events);

        /** The revisions since the last call, if there were any, came in one answer, which has no more of them. */
        void batchComplete();

        /** The member of a new stream is below a revision that was delivered before; it may catch up. */
        void behind(long revision);

        /** The revision was delivered before, and etcd has something else there: another history. Nothing follows. */
        void replaced(long revision);

        /** The history no longer reaches back to the cursor. Nothing follows. */
        void compacted(long floor);

        /** The receiver threw this. Nothing follows. */
        void failed(Throwable fault);
    }

    private enum State {
        WAITING,
        STREAMING,
        ENDED
    }

    /** The stream must end when its member has no leader, or it would be silent. */
    static final Metadata.Key<String> HAS_LEADER = Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    /** Messages etcd may send ahead of what is delivered. */
    private static final int AHEAD = 4;

    /** The watch id of an answer to a progress request, which is about all watches of the stream. */
    private static final long PROBED = -1;

    private final Endpoints endpoints;
    private final Tokens tokens;
    private final Keyspace keys;
    private final ScheduledExecutorService clock;
    private final Executor executor;
    private final Receiver receiver;
    private final Backoff backoff = Backoff.ofStream();

    // Confined to the executor.
    private State state = State.WAITING;
    private long next;
    private @Nullable Stream stream;

    /** The puts of the last revision that was delivered; empty when it had none, or nothing was. */
    private List<Event> lastPuts = List.of();

    /** @param next the first revision that is wanted */
    Upstream(
            Endpoints endpoints,
            Tokens tokens,
            Keyspace keys,
            ScheduledExecutorService clock,
            Executor executor,
            long next,
            Receiver receiver) {
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.keys = keys;
        this.clock = clock;
        this.executor = executor;
        this.next = next;
        this.receiver = receiver;
    }

    void start() {
        executor.execute(this::open);
    }

    /** Leaves this member for the next, for example because it says nothing any more. */
    void reopen(String reason) {
        executor.execute(() -> {
            Stream silent = stream;
            if (silent != null) {
                silent.leave(reason);
            }
        });
    }

    /** Asks for a word on the stream; {@link Receiver#heard} when it comes. */
    void probe() {
        executor.execute(() -> {
            Stream open = stream;
            if (open != null) {
                open.probe();
            }
        });
    }

    void stop() {
        executor.execute(() -> end("no longer wanted"));
    }

    private void open() {
        if (state == State.WAITING) {
            state = State.STREAMING;
            ManagedChannel channel = endpoints.current();
            stream = new Stream(channel);
            stream.open(
                    channel.newCall(WatchGrpc.getWatchMethod(), tokens.on(CallOptions.DEFAULT.withExecutor(executor))));
        }
    }

    private void end(String reason) {
        state = State.ENDED;
        Stream open = stream;
        stream = null;
        if (open != null) {
            open.cancel(reason);
        }
    }

    private void openLater() {
        state = State.WAITING;
        stream = null;
        try {
            var unused = clock.schedule(() -> executor.execute(this::open), backoff.next(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            state = State.ENDED;
        }
    }

    /** One stream; does nothing any more once it is not the current one. */
    private final class Stream extends ClientCall.Listener<WatchResponse> {

        private final ManagedChannel channel;

        /** The events of one revision, until it is whole. */
        private List<Event> unfinished = new ArrayList<>();

        /** What must come first, for it was delivered before; empty once it has, or where nothing was. */
        private List<Event> expected = lastPuts;

        private boolean saidOld;
        private @Nullable ClientCall<WatchRequest, WatchResponse> call;

        Stream(ManagedChannel channel) {
            this.channel = channel;
        }

        void open(ClientCall<WatchRequest, WatchResponse> opened) {
            call = opened;
            Metadata headers = new Metadata();
            headers.put(HAS_LEADER, "true");
            opened.start(this, headers);
            opened.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(keys.prefix)
                            .setRangeEnd(keys.end)
                            .setStartRevision(expected.isEmpty() ? next : revision(expected.getFirst()))
                            .setFragment(true))
                    .build());
            opened.request(AHEAD);
        }

        void probe() {
            if (call != null) {
                call.sendMessage(WatchRequest.newBuilder()
                        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                        .build());
            }
        }

        void cancel(String reason) {
            if (call != null) {
                call.cancel(reason, null);
                // On a connection that is gone a cancel is not heard: what was not delivered is released when it is
                // asked for.
                call.request(Integer.MAX_VALUE);
            }
        }

        void leave(String reason) {
            LOG.info(
                    "The watch on etcd at {} ended ({}); it goes on from revision {}",
                    channel.authority(),
                    reason,
                    next);
            endpoints.failed(channel);
            cancel(reason);
            openLater();
        }

        @Override
        public void onMessage(WatchResponse response) {
            if (!this.equals(stream)) {
                return;
            }
            if (response.getCompactRevision() != 0) {
                end("compacted");
                receiver.compacted(response.getCompactRevision());
            } else if (response.getCanceled()) {
                tokens.refused();
                leave("cancelled: " + response.getCancelReason());
            } else {
                endpoints.answered();
                try {
                    if (response.getCreated()
                            && !expected.isEmpty()
                            && response.getHeader().getRevision() < revision(expected.getFirst())) {
                        receiver.behind(revision(expected.getFirst()));
                    }
                    if (response.getWatchId() == PROBED) {
                        receiver.heard();
                    }
                    take(response);
                } catch (RuntimeException | Error fault) {
                    OutOfMemory.endIfCause(fault);
                    end("the receiver failed");
                    receiver.failed(fault);
                }
                if (call != null) {
                    call.request(1);
                }
            }
        }

        /** All revisions but the newest are whole; the newest is when no part of the answer is missing. */
        private void take(WatchResponse response) {
            for (Event event : response.getEventsList()) {
                if (!unfinished.isEmpty() && revision(event) != revision(unfinished.getFirst())) {
                    deliver();
                }
                unfinished.add(event);
            }
            if (!response.getFragment() && !unfinished.isEmpty()) {
                deliver();
            }
            if (this.equals(stream)) {
                receiver.batchComplete();
            }
        }

        private void deliver() {
            List<Event> events = unfinished;
            unfinished = new ArrayList<>(1);
            long revision = revision(events.getFirst());
            if (!expected.isEmpty() && revision >= revision(expected.getFirst())) {
                prove(revision, events);
                return;
            }
            if (revision >= next) {
                next = revision + 1;
                lastPuts = puts(events);
                backoff.reset();
                if (this.equals(stream)) {
                    receiver.revision(revision, events);
                }
            } else if (!saidOld) {
                saidOld = true;
                LOG.warn(
                        "etcd at {} delivers revision {} again, before {}: dropped",
                        channel.authority(),
                        revision,
                        next);
            }
        }

        /** The first that comes is to be what was delivered last; if not, this watch is over. */
        private void prove(long revision, List<Event> events) {
            long last = revision(expected.getFirst());
            boolean same = revision == last && puts(events).equals(expected);
            expected = List.of();
            if (!same) {
                end("another history");
                receiver.replaced(last);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (this.equals(stream)) {
                if (Troubles.of(status) == Troubles.Meaning.WHO_ARE_YOU) {
                    tokens.refused();
                }
                leave(status.getCode() + " " + status.getDescription());
            }
        }
    }

    private static List<Event> puts(List<Event> events) {
        return events.stream()
                .filter(event -> event.getType() == Event.EventType.PUT)
                .toList();
    }

    private static long revision(Event event) {
        return event.getKv().getModRevision();
    }
}
