package io.registrycenter.memory;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process that is out of memory, of the heap's or of direct memory: one line on standard error, then a halt with
 * {@link #EXIT_CODE}. No hook runs; what was acknowledged is durable.
 *
 * <p>{@code -XX:+ExitOnOutOfMemoryError} makes the JVM do the same by itself, but not where the JVM was started without it, and
 * never for direct memory, whose errors are thrown by Java code. So whoever catches an {@link Error}, or is handed a failure by
 * others, asks here first: after such an error any thread may have left its work half done. Any thread.
 */
public final class OutOfMemory {

    /** Of a process that ended here. The JVM itself ends with 3, see {@code docs/configuration.md}. */
    public static final int EXIT_CODE = 12;

    /** A chain of causes may be a circle. */
    private static final int CAUSES = 16;

    private static final long OTHERS_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    // Made while there is memory.
    private static final FileOutputStream STANDARD_ERROR = new FileOutputStream(FileDescriptor.err);
    private static final byte[] LINE = line("no memory for more words");
    private static final AtomicBoolean ENDING = new AtomicBoolean();

    private OutOfMemory() {}

    /** Ends the process when a failure, or what caused it, is an {@link OutOfMemoryError}; else returns. */
    public static void endIfCause(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < CAUSES; i++) {
            if (cause instanceof OutOfMemoryError error) {
                end(error);
            }
            cause = cause.getCause();
        }
    }

    /** From now on a thread that ends by an {@link OutOfMemoryError} ends the process. Once, as the process begins. */
    public static void endByUncaught() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            endIfCause(failure);
            System.err.println("The thread \"" + thread.getName() + "\" ended by a fault");
            failure.printStackTrace();
        });
    }

    private static void end(OutOfMemoryError error) {
        byte[] words;
        try {
            words = line(String.valueOf(error.getMessage()));
        } catch (OutOfMemoryError again) {
            words = LINE;
        }
        halt(words);
    }

    /** Ends the process for a reason that is no error yet: it hardly does anything but collect. */
    static void end(String reason) {
        halt(line(reason));
    }

    private static void halt(byte[] words) {
        if (ENDING.compareAndSet(false, true)) {
            try {
                STANDARD_ERROR.write(words);
            } catch (IOException nobodyReads) {
                // There is nobody to tell; the exit code says it.
            } finally {
                Runtime.getRuntime().halt(EXIT_CODE);
            }
        }
        // The first one writes its line and halts; should that take too long, the next one does not wait for it.
        LockSupport.parkNanos(OTHERS_WAIT_NANOS);
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    private static byte[] line(String reason) {
        return ("Out of memory (" + reason + "): the process ends with exit code " + EXIT_CODE
                        + "; docs/operations.md says how much memory it needs.\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
