package io.registrycenter.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system of its own for a test, in memory, with the options a test wants; needs the right to mount.
 *
 * @param path where it is mounted
 */
public record MountedDirectory(Path path) implements AutoCloseable {

    /** Makes the directory. Skips the test where this process may not mount. */
    public static MountedDirectory mount(Path path, String options) throws IOException {
        Files.createDirectories(path);
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", options, "none", path.toString()),
                "a file system in memory cannot be mounted here (Linux and root are needed): this test is skipped");
        return new MountedDirectory(path);
    }

    /** Changes its options or size. */
    public void remount(String options) throws IOException {
        if (!run("mount", "-o", "remount," + options, path.toString())) {
            throw new IOException(path + " cannot be mounted again with " + options);
        }
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        if (!run("umount", path.toString())) {
            throw new IOException(path + " cannot be unmounted");
        }
    }
}
