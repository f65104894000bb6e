package io.registrycenter.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The server's jar, unpacked, with an archive of the classes it loads to start: a start takes half the work, which counts where
 * a test starts a dozen. Made anew by the first test that wants it, so that it is never older than the jar. A JVM
 * of another version takes no notice of the archive. For any thread.
 */
public final class Unpacked {

    private static final Path HOME = Programs.BUILD.resolve("e2e-server");
    private static final String ARCHIVE = "server.jsa";

    private static boolean made;

    private Unpacked() {}

    /** For a server's script: its environment with these options of the JVM. */
    public static synchronized Map<String, String> environment(String jvm) {
        if (!made) {
            make(jvm);
            made = true;
        }
        return Map.of(
                "REGISTRY_JAR",
                jar().toString(),
                "REGISTRY_JAVA_OPTS",
                jvm + " -XX:SharedArchiveFile=" + HOME.resolve(ARCHIVE));
    }

    private static Path jar() {
        return HOME.resolve(Programs.JAR.getFileName());
    }

    private static void make(String jvm) {
        Path data;
        try {
            Files.createDirectories(HOME);
            // Its own: an older build may have left one that this one does not read.
            data = Files.createTempDirectory(HOME, "data-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(List.of(
                "-Djarmode=tools",
                "-jar",
                Programs.JAR.toString(),
                "extract",
                "--force",
                "--destination",
                HOME.toString()));
        List<String> archiving = new ArrayList<>(List.of(jvm.split(" ")));
        archiving.addAll(List.of(
                "-XX:ArchiveClassesAtExit=" + HOME.resolve(ARCHIVE),
                "-Dspring.context.exit=onRefresh",
                "-jar",
                jar().toString(),
                "--registry.data-dir=" + data,
                "--spring.grpc.server.port=" + Programs.freePort(),
                "--server.port=" + Programs.freePort()));
        run(archiving);
    }

    private static void run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Programs.JAVA));
        command.addAll(arguments);
        Program program = Program.start("unpacking", HOME, command);
        assertThat(program.awaitExit(Programs.START))
                .as(command + ": " + program.errors())
                .isZero();
    }
}
