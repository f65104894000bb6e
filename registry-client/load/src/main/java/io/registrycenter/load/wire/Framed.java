package io.registrycenter.load.wire;

import com.google.protobuf.MessageLite;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;

/** Messages as gRPC puts them on a stream: a zero, the length, the bytes. Stateless. */
public final class Framed {
    /** Bytes before each message. */
    public static final int PREFIX_BYTES = 5;

    private Framed() {}

    /** All messages in one buffer, in order. */
    public static ByteBuf of(MessageLite... messages) {
        ByteBuf out = Unpooled.buffer();
        for (MessageLite message : messages) {
            out.writeByte(0).writeInt(message.getSerializedSize()).writeBytes(message.toByteArray());
        }
        return out;
    }

    /** One message as an array. */
    public static byte[] bytes(MessageLite message) {
        ByteBuf framed = of(message);
        byte[] bytes = new byte[framed.readableBytes()];
        framed.readBytes(bytes);
        return bytes;
    }
}
