package io.registrycenter.load.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;

/**
 * Cuts a byte stream into HTTP/2 frames. The payload of DATA is passed on in the pieces it arrives in, never copied;
 * other frames are small and are handed over whole. Confined to one event loop.
 */
final class FrameParser {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;

    static final int FLAG_END_STREAM = 0x1;
    static final int FLAG_ACK = 0x1;
    static final int FLAG_END_HEADERS = 0x4;
    static final int FLAG_PADDED = 0x8;
    static final int FLAG_PRIORITY = 0x20;

    private static final int HEADER_BYTES = 9;
    private static final int MAX_FRAME_BYTES = 1 << 24;

    interface Sink {
        /** A piece of a DATA payload; valid during the call, to be read to its end. */
        void data(int stream, ByteBuf piece);

        /** A DATA frame is complete. */
        void dataEnd(int stream, int length, boolean endOfStream);

        /** Any other frame; the payload is valid during the call. */
        void frame(int type, int flags, int stream, ByteBuf payload);
    }

    private final Sink sink;
    private final ByteBuf header = Unpooled.buffer(HEADER_BYTES, HEADER_BYTES);
    private ByteBuf whole = Unpooled.EMPTY_BUFFER;
    private boolean inPayload;
    private int length;
    private int left;
    private int type;
    private int flags;
    private int stream;

    FrameParser(Sink sink) {
        this.sink = sink;
    }

    /** Reads the buffer to its end; does not release it. */
    void feed(ByteBuf in) {
        while (in.isReadable() || (inPayload && left == 0)) {
            if (!inPayload) {
                readHeader(in);
            } else if (type == DATA) {
                readData(in);
            } else {
                readWhole(in);
            }
        }
    }

    private void readHeader(ByteBuf in) {
        header.writeBytes(in, Math.min(in.readableBytes(), header.writableBytes()));
        if (header.isWritable()) {
            return;
        }
        length = header.readUnsignedMedium();
        type = header.readUnsignedByte();
        flags = header.readUnsignedByte();
        stream = header.readInt() & Integer.MAX_VALUE;
        header.clear();
        if (type == DATA && (flags & FLAG_PADDED) != 0) {
            throw new IllegalArgumentException("padded DATA is not expected from a gRPC server");
        }
        left = length;
        inPayload = true;
    }

    private void readData(ByteBuf in) {
        int count = Math.min(left, in.readableBytes());
        if (count > 0) {
            sink.data(stream, in.readSlice(count));
            left -= count;
        }
        if (left == 0) {
            inPayload = false;
            sink.dataEnd(stream, length, (flags & FLAG_END_STREAM) != 0);
        }
    }

    private void readWhole(ByteBuf in) {
        if (left == length && in.readableBytes() >= length) {
            inPayload = false;
            sink.frame(type, flags, stream, in.readSlice(length));
            return;
        }
        if (left == length) {
            whole = Unpooled.buffer(length, MAX_FRAME_BYTES);
        }
        int count = Math.min(left, in.readableBytes());
        whole.writeBytes(in, count);
        left -= count;
        if (left == 0) {
            inPayload = false;
            sink.frame(type, flags, stream, whole);
            whole = Unpooled.EMPTY_BUFFER;
        }
    }
}
