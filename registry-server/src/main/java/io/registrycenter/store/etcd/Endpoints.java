package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The members of etcd for one purpose (watch, lease, calls): one connection at a time, moved on when its member fails.
 *
 * <p>Purposes do not share connections: a watch must not wait behind large reads. For any thread.
 */
final class Endpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

    /** A commit of 120 instances of 16 KiB is 2 MiB; reads come in pages of at most 16 MiB. */
    private static final int MAX_INBOUND_BYTES = 64 << 20;

    private static final int WINDOW_BYTES = 4 << 20;

    /** etcd takes pings every 5 s or slower. */
    private static final long KEEPALIVE_S = 10;

    private static final long KEEPALIVE_TIMEOUT_S = 5;

    private final String purpose;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private int chosen;

    /** Somebody had to move on, and no member has answered since. */
    private volatile boolean failing;

    /**
     * Connects nothing yet.
     *
     * @param executor runs callbacks of calls that name no other
     * @param first which endpoint is tried first, so that servers spread
     * @throws StoreException {@code UNAVAILABLE}, when a file for TLS cannot be read
     */
    Endpoints(String purpose, EtcdSettings settings, Executor executor, int first) {
        this.purpose = purpose;
        for (URI endpoint : settings.endpoints()) {
            channels.add(NettyChannelBuilder.forAddress(
                            endpoint.getHost(), endpoint.getPort(), credentials(settings, endpoint))
                    .executor(executor)
                    .maxInboundMessageSize(MAX_INBOUND_BYTES)
                    .flowControlWindow(WINDOW_BYTES)
                    .keepAliveTime(KEEPALIVE_S, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEPALIVE_TIMEOUT_S, TimeUnit.SECONDS)
                    .keepAliveWithoutCalls(true)
                    .disableRetry()
                    .build());
        }
        this.chosen = Math.floorMod(first, channels.size());
    }

    ManagedChannel current() {
        lock.lock();
        try {
            return channels.get(chosen);
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is but one. */
    boolean alone() {
        return channels.size() == 1;
    }

    /** The next calls go to the next member, unless somebody moved on from this one already. */
    void failed(ManagedChannel channel) {
        lock.lock();
        try {
            if (channels.size() > 1 && channels.get(chosen).equals(channel)) {
                chosen = (chosen + 1) % channels.size();
                // Where no member answers, every call moves on: said once, until one does.
                LOG.atLevel(failing ? Level.DEBUG : Level.INFO)
                        .log(
                                "{}: on to the etcd member at {}",
                                purpose,
                                channels.get(chosen).authority());
                failing = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A member answers: the next move is news again. */
    void answered() {
        if (failing) {
            failing = false;
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private static ChannelCredentials credentials(EtcdSettings settings, URI endpoint) {
        if ("http".equals(endpoint.getScheme())) {
            return InsecureChannelCredentials.create();
        }
        try {
            TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
            if (settings.caFile() != null) {
                tls.trustManager(settings.caFile().toFile());
            }
            if (settings.certFile() != null && settings.keyFile() != null) {
                tls.keyManager(settings.certFile().toFile(), settings.keyFile().toFile());
            }
            return tls.build();
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "a file for TLS to etcd cannot be read (" + e.getMessage() + "): see registry.etcd.*-file",
                    e);
        }
    }
}
