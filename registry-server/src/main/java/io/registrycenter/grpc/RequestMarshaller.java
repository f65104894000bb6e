package io.registrycenter.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Bytes that are no request become an empty one, which the grammar of no stream allows: the stream refuses it as any bad
 * request. Left to gRPC they end the stream as UNKNOWN, with a stack in the log for each.
 *
 * <p>Immutable; any thread.
 */
final class RequestMarshaller<Q extends MessageLite> implements Marshaller<Q> {

    private final Marshaller<Q> generated;
    private final Q empty;

    RequestMarshaller(Marshaller<Q> generated, Q empty) {
        this.generated = generated;
        this.empty = empty;
    }

    @Override
    public InputStream stream(Q request) {
        return generated.stream(request);
    }

    @Override
    public Q parse(InputStream bytes) {
        try {
            return generated.parse(bytes);
        } catch (StatusRuntimeException noRequest) {
            return empty;
        }
    }
}
