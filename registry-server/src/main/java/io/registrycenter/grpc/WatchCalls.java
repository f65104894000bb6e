package io.registrycenter.grpc;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.watch.Frame;
import io.registrycenter.watch.Hub;

/**
 * {@code WatchService}: every call becomes a {@link WatchCall} on the event loop of its connection.
 *
 * <p>Requests are protobuf objects; answers are frames that {@link FrameMarshaller} writes from shared bytes.
 */
public final class WatchCalls implements BindableService {

    private final Hub hub;
    private final GrpcTransport transport;
    private final MethodDescriptor<WatchRequest, Frame> watch;
    private final ReadTimeouts readTimeouts;

    public WatchCalls(Hub hub, GrpcTransport transport, ServerNumbers numbers) {
        this.hub = hub;
        this.transport = transport;
        this.readTimeouts = new ReadTimeouts(numbers, System::nanoTime);
        this.watch = WatchServiceGrpc.getWatchMethod().toBuilder(
                        new RequestMarshaller<>(
                                WatchServiceGrpc.getWatchMethod().getRequestMarshaller(),
                                WatchRequest.getDefaultInstance()),
                        new FrameMarshaller(numbers))
                .build();
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServiceDescriptor generated = WatchServiceGrpc.getServiceDescriptor();
        // The schema stays, so that reflection still describes the service.
        ServiceDescriptor.Builder ours =
                ServiceDescriptor.newBuilder(generated.getName()).addMethod(watch);
        if (generated.getSchemaDescriptor() != null) {
            ours.setSchemaDescriptor(generated.getSchemaDescriptor());
        }
        return ServerServiceDefinition.builder(ours.build())
                .addMethod(watch, this::start)
                .build();
    }

    private ServerCall.Listener<WatchRequest> start(ServerCall<WatchRequest, Frame> call, Metadata headers) {
        StreamStatus status = transport.status(call);
        GrpcOutlet outlet = new GrpcOutlet(call, status);
        call.sendHeaders(new Metadata());
        WatchCall started = new WatchCall(call, outlet, hub.open(outlet), transport.ending(status), readTimeouts);
        started.started();
        call.request(WatchCall.WINDOW);
        return started;
    }
}
