package io.registrycenter.grpc;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
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
        return ServerServiceDefinition.builder(SessionServiceGrpc.getServiceDescriptor())
                .addMethod(SessionServiceGrpc.getAttachMethod(), this::start)
                .build();
    }

    private ServerCall.Listener<AttachRequest> start(ServerCall<AttachRequest, AttachResponse> call, Metadata headers) {
        call.sendHeaders(new Metadata());
        AttachOutlet outlet = new AttachOutlet(call, transport.loop(), StreamStatus.KEY.get());
        SessionCall started =
                new SessionCall(call, outlet, sessions.attach(outlet), transport.ending(call), this::gone);
        started.started();
        call.request(1);
        return started;
    }

    private void gone(CloseCause cause) {
        transport.counts().attachClosed(cause);
    }
}
