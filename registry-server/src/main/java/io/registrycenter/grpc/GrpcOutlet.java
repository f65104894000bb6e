package io.registrycenter.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.watch.EventLoop;
import io.registrycenter.watch.Frame;
import io.registrycenter.watch.Outlet;
import io.registrycenter.watch.ScheduledLoop;
import io.registrycenter.watch.StreamEnd;

/** The way out of one watch stream. Confined to {@link #loop()}, the event loop of its connection. */
final class GrpcOutlet implements Outlet {

    /** The transport takes another message while less than this is queued; its own default, which it does not tell. */
    private static final int READY_BYTES = 32 * 1024;

    private final ServerCall<?, Frame> call;
    private final StreamStatus transport;
    private boolean ended;

    /** @param transport of the call; it is reached when the call itself has no more to say */
    GrpcOutlet(ServerCall<?, Frame> call, StreamStatus transport) {
        this.call = call;
        this.transport = transport;
    }

    @Override
    public EventLoop loop() {
        return new ScheduledLoop(transport.connection().channel().eventLoop());
    }

    @Override
    public String peer() {
        return transport.connection().peer();
    }

    @Override
    public boolean ready() {
        return !ended && call.isReady();
    }

    @Override
    public void write(Frame frame) {
        if (!ended) {
            call.sendMessage(frame);
            if (frame instanceof Frame.Heartbeat heartbeat && heartbeat.seq() > 0) {
                transport.mark();
            }
        }
    }

    /**
     * The call tells no more of its queue than whether it is below a threshold, and that it tells of any threshold. Bytes count
     * as queued until the socket took them, whatever held them: flow control of the stream, of the connection, or the socket.
     */
    @Override
    public boolean heartbeatLeft() {
        call.setOnReadyThreshold(transport.bytesSinceMark() + 1);
        boolean taken = call.isReady();
        call.setOnReadyThreshold(READY_BYTES);
        return taken && !KernelBacklog.isHeldBack(transport.connection().channel());
    }

    @Override
    public boolean starved() {
        return transport.connection().isStarved(transport.streamId());
    }

    @Override
    public void end(StreamEnd end) {
        if (end.cause() == CloseCause.CLIENT_COMPLETED) {
            close(Status.OK, new Metadata());
        } else {
            end(WireErrors.of(end));
        }
    }

    /** As {@link #end(StreamEnd)}, with details of its own. */
    void end(StatusRuntimeException why) {
        Metadata trailers = why.getTrailers();
        close(why.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    private void close(Status status, Metadata trailers) {
        if (!ended) {
            ended = true;
            call.close(status, trailers);
        }
    }

    /** The client or the transport ended the call: nothing gets out any more. */
    void gone() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    /** Also after {@link #end}, when the call takes no more orders. */
    @Override
    public void reset() {
        transport.reset();
    }
}
