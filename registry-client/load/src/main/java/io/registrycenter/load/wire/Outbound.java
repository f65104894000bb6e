package io.registrycenter.load.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;

/**
 * Writes frames and keeps to the server's connection window: what does not fit waits in order. Stream windows are not
 * counted, since no call of this program sends 64 KiB. Confined to the connection's event loop.
 */
// A write that fails ends the channel, and Connection tells every call.
@SuppressWarnings("FutureReturnValueIgnored")
final class Outbound {
    static final int HEADER_BYTES = 9;
    private static final int SETTINGS_ENABLE_PUSH = 2;
    private static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final int MAX_WAITING = 10_000;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private long window = DEFAULT_WINDOW;

    /** The first bytes of a connection: preface, settings, connection window. */
    ByteBuf opening(ByteBuf out, byte[] preface, int windowBytes) {
        out.writeBytes(preface);
        frame(out, 12, FrameParser.SETTINGS, 0, 0);
        out.writeShort(SETTINGS_ENABLE_PUSH).writeInt(0);
        out.writeShort(SETTINGS_INITIAL_WINDOW_SIZE).writeInt(windowBytes);
        frame(out, 4, FrameParser.WINDOW_UPDATE, 0, 0);
        return out.writeInt(windowBytes - DEFAULT_WINDOW);
    }

    void frame(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    /** One DATA frame with these bytes; does not flush. */
    void data(ChannelHandlerContext ctx, int stream, ByteBuf bytes, boolean end) {
        int length = bytes.readableBytes();
        ByteBuf head = ctx.alloc().buffer(HEADER_BYTES + length);
        frame(head, length, FrameParser.DATA, end ? FrameParser.FLAG_END_STREAM : 0, stream);
        head.writeBytes(bytes);
        bytes.release();
        if (!waiting.isEmpty() || length > window) {
            if (waiting.size() == MAX_WAITING) {
                head.release();
                throw new IllegalStateException("the server takes no more data: " + MAX_WAITING + " frames wait");
            }
            waiting.add(head);
            return;
        }
        window -= length;
        ctx.write(head, ctx.voidPromise());
    }

    void moreWindow(ChannelHandlerContext ctx, int bytes) {
        window += bytes;
        for (ByteBuf next = waiting.peek(); next != null; next = waiting.peek()) {
            int length = next.readableBytes() - HEADER_BYTES;
            if (length > window) {
                return;
            }
            window -= length;
            ctx.write(waiting.remove(), ctx.voidPromise());
        }
    }

    /** Gives received bytes back to a stream's window, or with 0 to the connection's. */
    void returnWindow(ChannelHandlerContext ctx, int stream, int bytes) {
        ByteBuf out = ctx.alloc().buffer(HEADER_BYTES + 4);
        frame(out, 4, FrameParser.WINDOW_UPDATE, 0, stream);
        ctx.write(out.writeInt(bytes), ctx.voidPromise());
    }

    void pingAck(ChannelHandlerContext ctx, ByteBuf payload) {
        ByteBuf out = ctx.alloc().buffer(HEADER_BYTES + 8);
        frame(out, 8, FrameParser.PING, FrameParser.FLAG_ACK, 0);
        ctx.write(out.writeBytes(payload), ctx.voidPromise());
    }

    void settingsAck(ChannelHandlerContext ctx) {
        ByteBuf out = ctx.alloc().buffer(HEADER_BYTES);
        frame(out, 0, FrameParser.SETTINGS, FrameParser.FLAG_ACK, 0);
        ctx.write(out, ctx.voidPromise());
    }

    void release() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
    }
}
