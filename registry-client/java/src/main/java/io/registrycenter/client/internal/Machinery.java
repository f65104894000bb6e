package io.registrycenter.client.internal;

import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.SystemTiming;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What of a client has threads. Any thread. */
final class Machinery {

    private static final long END_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Serial serial;
    private final Channels channels;
    private final @Nullable SystemTiming timing;
    private final @Nullable ExecutorService ownCallbacks;

    /**
     * @param timing null when it is somebody else's
     * @param ownCallbacks null when the user brought an executor
     */
    Machinery(Serial serial, Channels channels, @Nullable SystemTiming timing, @Nullable ExecutorService ownCallbacks) {
        this.serial = serial;
        this.channels = channels;
        this.timing = timing;
        this.ownCallbacks = ownCallbacks;
    }

    /** Ends every thread; waits for them, each for a bounded time. A callback of the user that blocks is not waited for. */
    void close() {
        serial.execute(channels::shutdown);
        if (ownCallbacks != null) {
            ownCallbacks.shutdown();
        }
        try {
            channels.awaitEnd(END_NANOS);
            if (timing != null) {
                timing.close();
                timing.awaitEnd(END_NANOS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
