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
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code SessionService}: every call becomes a {@link SessionCall} on the event loop of its connection. */
public final class SessionCalls implements BindableService {

    private final Sessions sessions;
    private final GrpcTransport transport;
    private final Set<SessionCall> open = ConcurrentHashMap.newKeySet();

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
        AttachOutlet outlet = new AttachOutlet(call, transport.loop());
        SessionCall started =
                new SessionCall(call, outlet, sessions.attach(outlet), transport.ending(call), this::gone);
        open.add(started);
        call.request(1);
        return started;
    }

    private void gone(SessionCall call, CloseCause cause) {
        open.remove(call);
        transport.counts().attachClosed(cause);
    }

    /** Asks every client to move and ends its stream; the sessions stay for the restart grace. Any thread. */
    public void endAll(CloseCause cause, String message, Duration reconnectAfter) {
        open.forEach(call -> call.endFromOutside(cause, message, reconnectAfter));
    }
}
