package io.registrycenter.load.target;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Asks a JVM about its heap. Stateless. */
public final class Jcmd {
    private static final int DEADLINE_SECONDS = 60;

    private Jcmd() {}

    /** Bytes of live objects, after a full collection. */
    public static long liveHeapBytes(long pid) {
        return total(run(pid, "GC.class_histogram"));
    }

    /** The bytes in the last line of a class histogram: `Total  123  4567`. */
    static long total(String histogram) {
        return histogram
                .lines()
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.trim().split("\\s+", -1)[2]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not a class histogram: " + histogram));
    }

    private static String run(long pid, String command) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process = new ProcessBuilder(jcmd, Long.toString(pid), command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("jcmd did not end within " + DEADLINE_SECONDS + " s");
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + jcmd + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
