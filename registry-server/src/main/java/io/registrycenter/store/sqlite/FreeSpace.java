package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that are free where the data is, looked at every few seconds on a thread of its own, since a file system may not
 * answer. Warns once when they fall below a threshold, and says when they are back. {@link #bytes} is for any thread.
 */
final class FreeSpace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FreeSpace.class);

    private static final long EVERY_S = 5;

    /** Not known, or not yet. */
    static final long UNKNOWN = -1;

    /** Where the number comes from. */
    interface Source {
        long usableBytes() throws IOException;
    }

    private final Path directory;
    private final long warnBelow;
    private final Source source;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("store-space").factory());
    private volatile long bytes = UNKNOWN;

    /** Confined to whoever looks. */
    private boolean warned;

    /** @param warnBelow so many free bytes; 0: never */
    FreeSpace(Path directory, long warnBelow, Source source) {
        this.directory = directory;
        this.warnBelow = warnBelow;
        this.source = source;
    }

    static FreeSpace of(Path directory, long warnBelow) {
        return new FreeSpace(
                directory, warnBelow, () -> Files.getFileStore(directory).getUsableSpace());
    }

    /** Looks now and then again and again. */
    void start() {
        look();
        var unused = thread.scheduleWithFixedDelay(this::look, EVERY_S, EVERY_S, TimeUnit.SECONDS);
    }

    /** As of the last look, or {@link #UNKNOWN}. */
    long bytes() {
        return bytes;
    }

    void look() {
        try {
            bytes = source.usableBytes();
        } catch (IOException e) {
            if (bytes != UNKNOWN) {
                LOG.warn("How much is free on the file system of {} is not known: {}", directory, e.toString());
            }
            bytes = UNKNOWN;
            return;
        }
        // Back above it by an eighth, so that a number that sways says nothing.
        if (bytes < warnBelow) {
            if (!warned) {
                warned = true;
                LOG.warn(
                        "The file system of the data directory {} has {} MiB free, less than"
                                + " registry.store.free-space-warning ({} MiB): free some space or enlarge it; when it is full the"
                                + " registry takes no commits.",
                        directory,
                        bytes >> 20,
                        warnBelow >> 20);
            }
        } else if (warned && bytes - warnBelow >= warnBelow / 8) {
            warned = false;
            LOG.info("The file system of the data directory {} has {} MiB free again.", directory, bytes >> 20);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
