package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.registrycenter.load.wire.Framed;
import io.registrycenter.proto.v1.Endpoint;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RegisterRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A register call, encoded once: each use only patches the digits of a counter in the metadata, so that every call is
 * a change and none costs an encoding. About 200 bytes of metadata, 300 bytes on the wire. Confined to one loop.
 */
final class RegisterTemplate {
    private static final String DIGITS = "000000000000";
    private static final String BUILD = "9f2c1a7be4d05386".repeat(6);

    private final byte[] bytes;
    private final int digitsAt;

    RegisterTemplate(String namespace, String service, String instance, String sessionId) {
        bytes = Framed.bytes(RegisterRequest.newBuilder()
                .setNamespace(namespace)
                .setService(service)
                .setInstance(Instance.newBuilder()
                        .setId(instance)
                        .addEndpoints(Endpoint.newBuilder()
                                .setName("grpc")
                                .setHost("127.0.0.1")
                                .setPort(50_051))
                        .setZone("zone-a")
                        .putMetadata("build", BUILD)
                        .putMetadata("owner", "team-payments-and-settlement")
                        .putMetadata("seq", DIGITS))
                .setSessionId(sessionId)
                .build());
        digitsAt = indexOf(bytes, DIGITS.getBytes(StandardCharsets.US_ASCII));
    }

    /** The framed call with this counter in it, 0..999,999,999,999. */
    ByteBuf with(long counter) {
        long rest = counter;
        for (int i = DIGITS.length() - 1; i >= 0; i--) {
            bytes[digitsAt + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return Unpooled.copiedBuffer(bytes);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new IllegalStateException("the counter is not in the encoded call");
    }
}
