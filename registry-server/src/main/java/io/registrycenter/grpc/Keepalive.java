package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.registrycenter.catalog.CloseCause;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 keepalive of one connection: pings the other end when it is silent, and closes the connection by force when
 * nothing comes back. Confined to the connection's event loop.
 *
 * <p>It stands in for gRPC's own keepalive, which cannot be told to wait for the slow-client ladder, and which, where the
 * other end is gone, sends a GOAWAY and leaves the socket open. One timer a connection.
 */
final class Keepalive {

    private final GrpcConnection connection;
    private final KeepaliveClock clock;
    private final LongSupplier nanoTime;
    private @Nullable Future<?> next;

    Keepalive(GrpcConnection connection, TransportSettings settings, LongSupplier nanoTime) {
        this.connection = connection;
        this.nanoTime = nanoTime;
        this.clock = new KeepaliveClock(
                settings.keepaliveTime(), settings.keepaliveTimeout(), connection::ladderJudges, nanoTime.getAsLong());
    }

    /** The connection is open. */
    void start() {
        schedule();
    }

    /** The connection is gone. */
    void stop() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    /** The last stream of the connection is over. */
    void lastStreamEnded() {
        clock.lastStreamEnded(nanoTime.getAsLong());
        schedule();
    }

    /** This end has said goodbye, for a fault of the other end. */
    void closing() {
        clock.closing(nanoTime.getAsLong());
        schedule();
    }

    private void schedule() {
        stop();
        Channel channel = connection.channel();
        if (!channel.isOpen()) {
            return;
        }
        long delay =
                clock.nextTickNanos(nanoTime.getAsLong(), connection.evidence().lastReadNanos());
        try {
            next = channel.eventLoop().schedule(this::tick, delay, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException shutDown) {
            // The event loops end, and every connection with them.
            next = null;
        }
    }

    private void tick() {
        next = null;
        switch (clock.tick(nanoTime.getAsLong(), connection.evidence().lastReadNanos())) {
            case FINE -> schedule();
            case PING -> {
                connection.http2().ping();
                schedule();
            }
            case GONE -> closeByForce(CloseCause.KEEPALIVE_TIMEOUT);
            case LATE -> closeByForce(CloseCause.HTTP2_ERROR);
        }
    }

    /**
     * Past every handler, and by a reset: neither a handler nor the kernel waits for the other end to take anything.
     *
     * @param why unless another reason was decided on before
     */
    private void closeByForce(CloseCause why) {
        Channel channel = connection.channel();
        connection.evidence().decided(why);
        var unused = channel.config().setOption(ChannelOption.SO_LINGER, 0);
        ChannelHandlerContext first = channel.pipeline().firstContext();
        var unusedFuture = first == null ? channel.close() : first.close();
    }
}
