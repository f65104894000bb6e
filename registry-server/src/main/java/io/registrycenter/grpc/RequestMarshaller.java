package io.registrycenter.grpc;

import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Bytes that are no request become an empty one, which no call takes: it refuses it as any bad request. Left to gRPC they end
 * the call as UNKNOWN, with a stack in the log for each.
 *
 * <p>Immutable; any thread.
 */
final class RequestMarshaller<Q> implements Marshaller<Q> {

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
