package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.store.etcd.wire.LeaseGrpc;
import io.registrycenter.store.etcd.wire.LeaseKeepAliveRequest;
import io.registrycenter.store.etcd.wire.LeaseKeepAliveResponse;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream that keeps a lease alive. One stream after the other: a request that finds none open, or whose predecessor was not
 * answered, opens the next, with the next member. For any thread.
 */
final class KeepAlive implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeepAlive.class);

    private final Endpoints endpoints;
    private final Tokens tokens;
    private final LongSupplier nanoTime;
    private final LongConsumer proven;
    private final Runnable gone;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Stream stream;

    /**
     * @param proven told the {@link System#nanoTime} at which a request was sent that was answered: the lease lives from then
     * @param gone told that etcd does not know the lease
     */
    KeepAlive(Endpoints endpoints, Tokens tokens, LongSupplier nanoTime, LongConsumer proven, Runnable gone) {
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.nanoTime = nanoTime;
        this.proven = proven;
        this.gone = gone;
    }

    /** Sends a request; false when the one before was not answered, which is a reason to come again soon. */
    boolean send(long lease) {
        lock.lock();
        try {
            Stream open = stream;
            if (open != null && open.sent.isEmpty()) {
                open.request(lease);
                return true;
            }
            if (open != null) {
                endpoints.failed(open.channel);
                open.cancel("not answered");
            }
            Stream next = new Stream(endpoints.current());
            stream = next;
            next.start();
            next.request(lease);
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (stream != null) {
                stream.cancel("closed");
                stream = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Fields are guarded by the lock outside. */
    private final class Stream extends ClientCall.Listener<LeaseKeepAliveResponse> {

        private final ManagedChannel channel;
        private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

        /** When requests were sent that are not answered yet; etcd answers in order. */
        private final ArrayDeque<Long> sent = new ArrayDeque<>();

        Stream(ManagedChannel channel) {
            this.channel = channel;
            this.call = channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), tokens.on(CallOptions.DEFAULT));
        }

        void start() {
            Metadata headers = new Metadata();
            headers.put(Upstream.HAS_LEADER, "true");
            call.start(this, headers);
            call.request(1);
        }

        void request(long lease) {
            sent.add(nanoTime.getAsLong());
            call.sendMessage(LeaseKeepAliveRequest.newBuilder().setId(lease).build());
        }

        void cancel(String reason) {
            call.cancel(reason, null);
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse response) {
            endpoints.answered();
            Long sentNanos;
            lock.lock();
            try {
                sentNanos = sent.poll();
            } finally {
                lock.unlock();
            }
            call.request(1);
            if (response.getTtlS() <= 0) {
                gone.run();
            } else if (sentNanos != null) {
                proven.accept(sentNanos);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            lock.lock();
            try {
                if (!this.equals(stream)) {
                    return;
                }
                stream = null;
            } finally {
                lock.unlock();
            }
            LOG.info("The lease stream to etcd at {} ended: {}", channel.authority(), status);
            if (Troubles.of(status) == Troubles.Meaning.WHO_ARE_YOU) {
                tokens.refused();
            }
            endpoints.failed(channel);
        }
    }
}
