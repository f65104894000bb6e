package io.registrycenter.load.yardstick;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/** A message that is already encoded: some arrays, shared with other messages, one after the other. Immutable. */
record Payload(List<byte[]> parts) {
    static final Marshaller<Payload> MARSHALLER = new Marshaller<>() {
        @Override
        public InputStream stream(Payload payload) {
            return new Stream(payload);
        }

        @Override
        public Payload parse(InputStream stream) {
            try {
                return of(stream.readAllBytes());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    };

    static Payload of(byte[]... parts) {
        return new Payload(Arrays.asList(parts));
    }

    /** The bytes of a message that came in. */
    byte[] single() {
        return parts.getFirst();
    }

    private int length() {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        return length;
    }

    /** What gRPC asks for: the length beforehand, and to be drained in as few writes as there are parts. */
    private static final class Stream extends InputStream implements KnownLength, Drainable {
        private final Payload payload;

        Stream(Payload payload) {
            this.payload = payload;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int written = 0;
            for (byte[] part : payload.parts()) {
                target.write(part);
                written += part.length;
            }
            return written;
        }

        @Override
        public int available() {
            return payload.length();
        }

        @Override
        public int read() throws IOException {
            throw new IOException("a shared payload is drained, not read");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            throw new IOException("a shared payload is drained, not read");
        }
    }
}
