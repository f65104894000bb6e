package io.registrycenter.load.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Walks one protobuf message that arrives in pieces, without building it: numbers are told, nested messages entered
 * only where the sink says so, everything else is skipped unread. An instance inside a delta costs a pointer move.
 *
 * <p>A field is named by its path, five bits a level: {@code path(7, 2)} is field 2 of the message in field 7.
 * Confined to one thread at a time; reusable after each message.
 */
public final class ProtoWalker {
    private static final int MAX_DEPTH = 6;
    private static final int BITS = 5;

    /** What to do with a length-delimited field. */
    public enum Visit {
        SKIP,
        ENTER,
        CAPTURE
    }

    /** Told what the walker meets. */
    public interface Sink {
        Visit visit(int path, int length);

        /** A varint field; fixed-width fields are skipped. */
        void number(int path, long value);

        /** The bytes of a field that {@link #visit} wanted captured. */
        void captured(int path, byte[] bytes);

        /** The end of a message that {@link #visit} entered. */
        void leave(int path);
    }

    private enum Expect {
        TAG,
        NUMBER,
        LENGTH
    }

    private final long[] ends = new long[MAX_DEPTH];
    private final int[] paths = new int[MAX_DEPTH];
    private int depth;
    private long position;
    private Expect expect = Expect.TAG;
    private long varint;
    private int shift;
    private int path;
    private long skip;
    private byte @Nullable [] capture;

    /** The path of nested fields, outermost first; each 1..31. */
    public static int path(int... fields) {
        int path = 0;
        for (int field : fields) {
            path = path << BITS | field;
        }
        return path;
    }

    /** Begins a message of this many bytes. */
    public void begin(long length) {
        depth = 0;
        ends[0] = length;
        position = 0;
        expect = Expect.TAG;
        varint = 0;
        shift = 0;
        skip = 0;
        capture = null;
    }

    /**
     * Reads on, at most to the end of the message.
     *
     * @param sink the same for all of a message
     * @return whether the message is complete
     * @throws IllegalArgumentException when this is not a protobuf message
     */
    public boolean feed(ByteBuf in, Sink sink) {
        while (position < ends[0]) {
            if (!in.isReadable()) {
                return false;
            }
            if (skip > 0) {
                pass(in, sink);
            } else {
                step(in.readByte(), sink);
            }
        }
        return true;
    }

    private void pass(ByteBuf in, Sink sink) {
        int count = (int) Math.min(skip, in.readableBytes());
        byte[] into = capture;
        if (into == null) {
            in.skipBytes(count);
        } else {
            in.readBytes(into, (int) (into.length - skip), count);
        }
        skip -= count;
        position += count;
        if (skip == 0) {
            fieldEnds(sink);
        }
    }

    private void step(byte next, Sink sink) {
        position++;
        if (shift > 63) {
            throw new IllegalArgumentException("a number of more than ten bytes");
        }
        varint |= (next & 0x7FL) << shift;
        if (next < 0) {
            shift += 7;
            return;
        }
        long value = varint;
        varint = 0;
        shift = 0;
        switch (expect) {
            case TAG -> tag(value, sink);
            case NUMBER -> {
                sink.number(path, value);
                fieldEnds(sink);
            }
            case LENGTH -> length(value, sink);
        }
    }

    private void tag(long tag, Sink sink) {
        path = (depth == 0 ? 0 : paths[depth]) << BITS | (int) (tag >>> 3);
        switch ((int) (tag & 7)) {
            case 0 -> expect = Expect.NUMBER;
            case 1 -> skipField(8, sink);
            case 2 -> expect = Expect.LENGTH;
            case 5 -> skipField(4, sink);
            default -> throw new IllegalArgumentException("wire type " + (tag & 7));
        }
    }

    private void length(long length, Sink sink) {
        if (length < 0 || position + length > ends[depth]) {
            throw new IllegalArgumentException("a field of " + length + " bytes is longer than its message");
        }
        switch (sink.visit(path, (int) length)) {
            case SKIP -> skipField(length, sink);
            case CAPTURE -> {
                capture = new byte[(int) length];
                skipField(length, sink);
            }
            case ENTER -> {
                if (depth + 1 == MAX_DEPTH) {
                    throw new IllegalArgumentException("messages nested deeper than " + MAX_DEPTH);
                }
                depth++;
                ends[depth] = position + length;
                paths[depth] = path;
                expect = Expect.TAG;
                levelsEnd(sink);
            }
        }
    }

    private void skipField(long length, Sink sink) {
        skip = length;
        if (length == 0) {
            fieldEnds(sink);
        }
    }

    private void fieldEnds(Sink sink) {
        byte[] bytes = capture;
        if (bytes != null) {
            capture = null;
            sink.captured(path, bytes);
        }
        expect = Expect.TAG;
        levelsEnd(sink);
    }

    private void levelsEnd(Sink sink) {
        while (depth > 0 && position == ends[depth]) {
            int left = paths[depth];
            depth--;
            sink.leave(left);
        }
    }
}
