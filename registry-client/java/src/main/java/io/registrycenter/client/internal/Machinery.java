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
    private final @Nullable Own own;

    /**
     * What the client made for itself.
     *
     * @param threads of the timer, the event loop and the name look-ups
     * @param callbacks null when the user brought an executor
     */
    record Own(
            SystemTiming timing,
            OwnThreads threads,
            @Nullable ExecutorService callbacks) {}

    /** What has threads; {@code own} is null when all of it is somebody else's. */
    Machinery(Serial serial, Channels channels, @Nullable Own own) {
        this.serial = serial;
        this.channels = channels;
        this.own = own;
    }

    /** Ends every thread; waits for them, each for a bounded time. A callback of the user that blocks is not waited for. */
    void close() {
        serial.execute(channels::shutdown);
        if (own != null && own.callbacks() != null) {
            own.callbacks().shutdown();
        }
        try {
            channels.awaitEnd(END_NANOS);
            if (own != null) {
                own.timing().close();
                own.threads().join(END_NANOS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
