package io.registrycenter.load.wire;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.util.collection.IntObjectHashMap;
import io.grpc.netty.shaded.io.netty.util.collection.IntObjectMap;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection with its calls. Announces windows of 1 GiB, so that the server is never held back by this
 * program; obeys the server's connection window for what it sends. Confined to its event loop.
 */
// A write or close that fails ends the channel, and channelInactive tells every call.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Connection extends ChannelInboundHandlerAdapter implements FrameParser.Sink {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int WINDOW = 1 << 30;
    private static final int SETTINGS_HEADER_TABLE_SIZE = 1;
    private static final int DEFAULT_HEADER_TABLE_BYTES = 4096;
    private static final int CONNECT_TIMEOUT_MS = 10_000;

    private final CompletableFuture<Connection> active = new CompletableFuture<>();
    private final FrameParser parser = new FrameParser(this);
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final IntObjectMap<Call> calls = new IntObjectHashMap<>();
    private final Outbound outbound = new Outbound();
    private @Nullable ChannelHandlerContext context;
    private int nextStream = 1;
    private long bytesIn;
    private int unreturned;
    private boolean reading;
    private String fault = "";

    private Connection() {}

    /** Connects; completes on the loop, exceptionally when that fails. Any thread. */
    public static CompletableFuture<Connection> open(EventLoop loop, InetSocketAddress server) {
        return open(loop, server, 0);
    }

    /**
     * As before.
     *
     * @param receiveBytes what the kernel may hold unread; 0: its own choice
     */
    public static CompletableFuture<Connection> open(EventLoop loop, InetSocketAddress server, int receiveBytes) {
        Connection connection = new Connection();
        Bootstrap client = Loops.client();
        if (receiveBytes > 0) {
            client.option(ChannelOption.SO_RCVBUF, receiveBytes);
        }
        ChannelFuture connecting = client.group(loop)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .handler(connection)
                .connect(server);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                connection.active.completeExceptionally(done.cause());
            }
        });
        return connection.active;
    }

    /** Bytes received so far, frames and all. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Opens a call and sends its first message; the buffer holds gRPC framed messages and is released. */
    public void call(Method method, Call call, ByteBuf messages, boolean end) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !ctx.channel().isActive()) {
            messages.release();
            call.ended(Ending.connectionGone("not connected"));
            return;
        }
        int stream = nextStream;
        nextStream += 2;
        calls.put(stream, call);
        call.opened(stream);
        ByteBuf headers = ctx.alloc().buffer(256);
        outbound.frame(headers, 0, FrameParser.HEADERS, FrameParser.FLAG_END_HEADERS, stream);
        try {
            encoder.encodeHeaders(stream, method.headers(), headers);
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
        headers.setMedium(0, headers.readableBytes() - Outbound.HEADER_BYTES);
        ctx.write(headers, ctx.voidPromise());
        send(call, messages, end);
    }

    /** Sends gRPC framed messages on an open call; releases the buffer. */
    public void send(Call call, ByteBuf messages, boolean end) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || !isOpen(call)) {
            messages.release();
            return;
        }
        outbound.data(ctx, call.stream(), messages, end);
        if (!reading) {
            ctx.flush();
        }
    }

    // Identity is meant: another call may have the same number on another connection.
    @SuppressWarnings("ReferenceEquality")
    private boolean isOpen(Call call) {
        return calls.get(call.stream()) == call;
    }

    /** Whether the socket is read: when it is not, its buffers fill and the server feels it. */
    public void read(boolean wanted) {
        if (context != null) {
            context.channel().config().setAutoRead(wanted);
        }
    }

    /** Cuts the connection; every call on it ends. */
    public void cut() {
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.write(outbound.opening(ctx.alloc().buffer(128), PREFACE, WINDOW), ctx.voidPromise());
        ctx.flush();
        active.complete(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        ByteBuf in = (ByteBuf) message;
        try {
            bytesIn += in.readableBytes();
            parser.feed(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fault = cause.toString();
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        active.completeExceptionally(new IllegalStateException("closed while connecting"));
        outbound.release();
        List<Call> open = List.copyOf(calls.values());
        calls.clear();
        Ending ending = Ending.connectionGone(fault.isEmpty() ? "connection closed" : fault);
        open.forEach(call -> call.ended(ending));
    }

    @Override
    public void data(int stream, ByteBuf piece) {
        Call call = calls.get(stream);
        if (call != null) {
            call.data(piece);
        }
    }

    @Override
    public void dataEnd(int stream, int length, boolean endOfStream) {
        unreturned = giveBack(0, unreturned + length);
        Call call = calls.get(stream);
        if (call != null) {
            call.unreturned = giveBack(stream, call.unreturned + length);
        }
        if (endOfStream) {
            end(stream, new Ending(Ending.UNKNOWN, "ended without trailers"));
        }
    }

    private int giveBack(int stream, int bytes) {
        if (bytes < WINDOW / 2 || context == null) {
            return bytes;
        }
        outbound.returnWindow(context, stream, bytes);
        return 0;
    }

    @Override
    public void frame(int type, int flags, int stream, ByteBuf payload) {
        switch (type) {
            case FrameParser.HEADERS -> headers(flags, stream, payload);
            case FrameParser.RST_STREAM ->
                end(stream, new Ending(Ending.UNKNOWN, "stream reset, error code " + payload.readInt()));
            case FrameParser.SETTINGS -> settings(flags, payload);
            case FrameParser.PING -> {
                if ((flags & FrameParser.FLAG_ACK) == 0 && context != null) {
                    outbound.pingAck(context, payload);
                }
            }
            case FrameParser.GOAWAY -> goAway(payload);
            case FrameParser.WINDOW_UPDATE -> {
                if (stream == 0 && context != null) {
                    outbound.moreWindow(context, payload.readInt());
                }
            }
            default -> payload.skipBytes(payload.readableBytes());
        }
    }

    private void headers(int flags, int stream, ByteBuf payload) {
        if ((flags & FrameParser.FLAG_END_HEADERS) == 0 || (flags & FrameParser.FLAG_PADDED) != 0) {
            throw new IllegalArgumentException("headers in several frames, or padded, are not expected from gRPC");
        }
        if ((flags & FrameParser.FLAG_PRIORITY) != 0) {
            payload.skipBytes(5);
        }
        Http2Headers headers;
        try {
            headers = decoder.decodeHeaders(stream, payload);
        } catch (Http2Exception e) {
            throw new IllegalArgumentException(e);
        }
        if ((flags & FrameParser.FLAG_END_STREAM) != 0) {
            CharSequence status = headers.get("grpc-status");
            CharSequence message = headers.get("grpc-message");
            end(
                    stream,
                    new Ending(
                            status == null ? Ending.UNKNOWN : Integer.parseInt(status.toString()),
                            message == null ? "" : message.toString()));
        }
    }

    private void settings(int flags, ByteBuf payload) {
        if ((flags & FrameParser.FLAG_ACK) != 0) {
            return;
        }
        while (payload.isReadable()) {
            int id = payload.readUnsignedShort();
            long value = payload.readUnsignedInt();
            if (id == SETTINGS_HEADER_TABLE_SIZE) {
                try {
                    encoder.configuration().maxHeaderTableSize(Math.min(value, DEFAULT_HEADER_TABLE_BYTES));
                } catch (Http2Exception e) {
                    throw new IllegalArgumentException(e);
                }
            }
        }
        if (context != null) {
            outbound.settingsAck(context);
        }
    }

    private void goAway(ByteBuf payload) {
        payload.skipBytes(4);
        long code = payload.readUnsignedInt();
        fault = "GOAWAY, error code " + code + " " + new String(ByteBufUtil.getBytes(payload), StandardCharsets.UTF_8);
        payload.skipBytes(payload.readableBytes());
    }

    private void end(int stream, Ending ending) {
        Call call = calls.remove(stream);
        if (call != null) {
            call.ended(ending);
        }
    }
}
