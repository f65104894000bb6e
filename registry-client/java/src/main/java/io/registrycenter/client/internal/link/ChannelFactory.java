package io.registrycenter.client.internal.link;

import io.grpc.ManagedChannel;

/** Makes the channel of a target, without connecting. Any thread. */
public interface ChannelFactory {

    ManagedChannel open(String target);

    /** Ends what the channels share; they are shut down already. Waits at most for the time. */
    void close(long timeoutNanos) throws InterruptedException;
}
