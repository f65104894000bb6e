package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An encoded call, framed, of which each use only patches the digits of a counter, so that every call is a change and none costs
 * an encoding. Confined to one loop.
 */
public final class Template {
    /** How many digits the counter has. */
    static final int DIGITS = 12;

    private final byte[] bytes;
    private final int digitsAt;

    /**
     * @param bytes framed as gRPC puts them on a stream; not copied
     * @param before what stands right before the counter
     */
    public Template(byte[] bytes, String before) {
        this.bytes = bytes;
        byte[] wanted = before.getBytes(StandardCharsets.US_ASCII);
        digitsAt = indexOf(bytes, wanted) + wanted.length;
    }

    /** The framed call with this counter in it, 0..999,999,999,999. */
    ByteBuf with(long counter) {
        long rest = counter;
        for (int i = DIGITS - 1; i >= 0; i--) {
            bytes[digitsAt + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return Unpooled.copiedBuffer(bytes);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length + DIGITS <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new IllegalStateException("the counter is not in the encoded call");
    }
}
