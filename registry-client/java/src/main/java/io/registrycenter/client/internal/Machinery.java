package io.registrycenter.client.internal;

import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.ClosingWait;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.SystemTiming;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What of a client has threads. Any thread. */
final class Machinery {

    private static final Duration END = Duration.ofSeconds(2);

    private final Serial serial;
    private final Channels channels;
    private final @Nullable Own own;

    /**
     * What the client made for itself.
     *
     * @param threads of the timer, the event loop and the name look-ups
     * @param callbacks with threads of their own
     * @param disk null when nothing is remembered
     */
    record Own(
            SystemTiming timing,
            OwnThreads threads,
            Callbacks callbacks,
            @Nullable ExecutorService disk) {}

    /** What has threads; {@code own} is null when all of it is somebody else's. */
    Machinery(Serial serial, Channels channels, @Nullable Own own) {
        this.serial = serial;
        this.channels = channels;
        this.own = own;
    }

    /** Ends every thread; waits for them, each for a bounded time. A callback of the user that blocks is not waited for. */
    void close(ClosingWait wait) {
        CountDownLatch shut = new CountDownLatch(1);
        serial.execute(() -> {
            channels.shutdown();
            takeNoMore();
            shut.countDown();
        });
        wait.until(END, nanos -> shut.await(nanos, TimeUnit.NANOSECONDS));
        wait.until(END, nanos -> {
            channels.awaitEnd(nanos);
            return true;
        });
        if (own != null) {
            end(own, wait);
        }
    }

    private static void end(Own own, ClosingWait wait) {
        own.timing().close();
        ExecutorService disk = own.disk();
        if (disk != null) {
            wait.until(END, nanos -> disk.awaitTermination(nanos, TimeUnit.NANOSECONDS));
        }
        wait.until(END, nanos -> {
            own.threads().join(nanos);
            return true;
        });
    }

    /** On the serial executor: what it has told and remembered until now is still called and written. */
    private void takeNoMore() {
        if (own != null) {
            own.callbacks().close();
        }
        if (own != null && own.disk() != null) {
            own.disk().shutdown();
        }
    }
}
