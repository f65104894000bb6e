package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelException;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel has of a connection's bytes that the other end does not let out: its TCP window is closed, or opens slowly.
 *
 * <p>Linux tells ({@code TCP_INFO}, since 4.6); elsewhere nothing is known and nothing counts as held back. A call into the
 * kernel: for a suspicion, not for every write.
 */
final class KernelBacklog {

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    /** Offsets in {@code struct tcp_info}, which only ever grows at its end. */
    private static final int RETRANSMITS = 2;

    private static final int PROBES = 3;
    private static final int NOTSENT_BYTES = 144;
    private static final int LENGTH = NOTSENT_BYTES + Integer.BYTES;

    private static final RawUnixChannelOption INFO =
            new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, LENGTH);

    private KernelBacklog() {}

    /** Whether bytes that were written to a connection wait on this machine, whatever for. */
    static boolean holds(Channel channel) {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        if (outbound != null && outbound.totalPendingWriteBytes() > 0) {
            return true;
        }
        @Nullable ByteBuffer info = info(channel);
        return info != null && info.getInt(NOTSENT_BYTES) != 0;
    }

    /**
     * Whether bytes wait for the other end's window, and the other end is there: it answers probes, and nothing has to be sent
     * again. One that answers nothing is not slow but gone, which is for other clocks to find.
     */
    static boolean isHeldBack(Channel channel) {
        @Nullable ByteBuffer info = info(channel);
        return info != null && info.getInt(NOTSENT_BYTES) != 0 && info.get(RETRANSMITS) == 0 && info.get(PROBES) <= 1;
    }

    /** What the kernel tells; null: nothing. */
    private static @Nullable ByteBuffer info(Channel channel) {
        if (!(channel instanceof EpollSocketChannel) || !channel.isOpen()) {
            return null;
        }
        @Nullable ByteBuffer info;
        try {
            info = channel.config().getOption(INFO);
        } catch (ChannelException closedMeanwhile) {
            return null;
        }
        return info == null || info.limit() < LENGTH ? null : info.order(ByteOrder.nativeOrder());
    }
}
