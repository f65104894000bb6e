package io.registrycenter.grpc;

import io.grpc.Attributes;
import io.grpc.netty.shaded.io.netty.channel.Channel;

/**
 * One accepted connection: its channel, what it has shown of itself, and the streams that are open on it.
 *
 * <p>Confined to the connection's event loop, but for {@link #channel}.
 */
final class GrpcConnection {

    /** Carried by every call of the connection. */
    static final Attributes.Key<GrpcConnection> KEY = Attributes.Key.create("registrycenter-connection");

    private final Channel channel;
    private final CloseEvidence evidence;
    private int streams;
    private boolean carriedStreams;

    GrpcConnection(Channel channel, CloseEvidence evidence) {
        this.channel = channel;
        this.evidence = evidence;
    }

    Channel channel() {
        return channel;
    }

    CloseEvidence evidence() {
        return evidence;
    }

    /** Watch and attach streams that are open on it. */
    int streams() {
        return streams;
    }

    /** Whether it ever had such a stream: then those say why they ended, and the connection need not. */
    boolean carriedStreams() {
        return carriedStreams;
    }

    void streamOpened() {
        streams++;
        carriedStreams = true;
    }

    void streamClosed() {
        streams--;
    }
}
