package io.registrycenter.client.internal.link;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * One gRPC stream, without a deadline; what comes in arrives on the serial executor, one message requested after the other
 * is done, so that nothing piles up here. Confined to the serial executor.
 *
 * @param <Q> what the client sends
 * @param <R> what the server sends
 */
final class WireStream<Q, R> {

    /** Called on the serial executor; {@link #closed} once, last. */
    interface Receiver<R> {
        void frame(R frame);

        /** A frame could not be handled: the stream must be ended, since no other one is asked for. */
        void failed(Throwable fault);

        void closed(Status status, Metadata trailers);
    }

    private final ClientCall<Q, R> call;

    WireStream(Serial serial, Channel channel, MethodDescriptor<Q, R> method, Receiver<R> receiver) {
        call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<R>() {
                    @Override
                    public void onMessage(R message) {
                        serial.execute(() -> {
                            try {
                                receiver.frame(message);
                                call.request(1);
                            } catch (Throwable fault) {
                                receiver.failed(fault);
                            }
                        });
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        serial.execute(() -> {
                            try {
                                receiver.closed(status, trailers);
                            } catch (Throwable fault) {
                                receiver.failed(fault);
                            }
                        });
                    }
                },
                new Metadata());
        call.request(1);
    }

    void send(Q frame) {
        call.sendMessage(frame);
    }

    void halfClose() {
        call.halfClose();
    }

    void cancel(String why) {
        call.cancel(why, null);
    }
}
