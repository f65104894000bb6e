package io.registrycenter.grpc;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.session.Sessions;

/** {@code SessionService}: every call becomes a {@link SessionCall} on the event loop of its connection. */
public final class SessionCalls implements BindableService {

    private final Sessions sessions;
    private final GrpcTransport transport;

    public SessionCalls(Sessions sessions, GrpcTransport transport) {
        this.sessions = sessions;
        this.transport = transport;
    }

    @Override
    public ServerServiceDefinition bindService() {
        MethodDescriptor<AttachRequest, AttachResponse> generated = SessionServiceGrpc.getAttachMethod();
        MethodDescriptor<AttachRequest, AttachResponse> attach = generated.toBuilder(
                        new RequestMarshaller<>(generated.getRequestMarshaller(), AttachRequest.getDefaultInstance()),
                        generated.getResponseMarshaller())
                .build();
        ServiceDescriptor service = SessionServiceGrpc.getServiceDescriptor();
        // The schema stays, so that reflection still describes the service.
        ServiceDescriptor.Builder ours =
                ServiceDescriptor.newBuilder(service.getName()).addMethod(attach);
        if (service.getSchemaDescriptor() != null) {
            ours.setSchemaDescriptor(service.getSchemaDescriptor());
        }
        return ServerServiceDefinition.builder(ours.build())
                .addMethod(attach, this::start)
                .build();
    }

    private ServerCall.Listener<AttachRequest> start(ServerCall<AttachRequest, AttachResponse> call, Metadata headers) {
        call.sendHeaders(new Metadata());
        StreamStatus status = transport.status(call);
        AttachOutlet outlet = new AttachOutlet(call, transport.loop(), status, transport.resetAfter());
        SessionCall started =
                new SessionCall(call, outlet, sessions.attach(outlet), transport.ending(status), this::gone);
        started.started();
        call.request(1);
        return started;
    }

    private void gone(CloseCause cause) {
        transport.counts().attachClosed(cause);
    }
}
