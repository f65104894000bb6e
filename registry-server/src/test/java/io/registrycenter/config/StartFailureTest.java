package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.RegistryServer;
import io.registrycenter.store.sqlite.SqliteStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that cannot be ends with one sentence and a code of its own, on real processes. */
class StartFailureTest {

    @TempDir
    Path home;

    /** What a process left behind. */
    private record Ended(int code, String out, String err) {}

    @Test
    void portInUse_isOneSentence_forEachPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended grpc = start("--server.port=0", "--spring.grpc.server.port=" + taken.getLocalPort());
            assertThat(grpc.code()).isEqualTo(StartFailure.PORT_IN_USE);
            oneSentence(grpc, "gRPC port " + taken.getLocalPort());

            Ended http = start("--server.port=" + taken.getLocalPort(), "--spring.grpc.server.port=0");
            assertThat(http.code()).isEqualTo(StartFailure.PORT_IN_USE);
            oneSentence(http, "HTTP port " + taken.getLocalPort());
        }
    }

    @Test
    void brokenRule_isOneSentence_withBothValues() throws Exception {
        Ended ended = start("--registry.watch.heartbeat-interval=60s");
        assertThat(ended.code()).isEqualTo(StartFailure.SETTINGS);
        oneSentence(ended, "registry.watch.heartbeat-interval (1m)", "registry.watch.idle-timeout (1m)");
        assertThat(home.resolve("data")).doesNotExist();
    }

    @Test
    void valueThatIsNotUnderstood_isOneSentence_withTheValue() throws Exception {
        Ended ended = start("--registry.watch.idle-timeout=soon");
        assertThat(ended.code()).isEqualTo(StartFailure.SETTINGS);
        oneSentence(ended, "registry.watch.idle-timeout", "soon");
    }

    @Test
    void dataThatIsNotOurs_isOneSentence_andStaysAsItIs() throws Exception {
        Path data = Files.createDirectories(home.resolve("data"));
        for (String name : List.of("registry.db", "registry.sqlite", "store.db")) {
            Files.writeString(data.resolve(name), "not a database, but somebody's letters\n".repeat(200));
        }
        List<String> before = contents(data);
        Ended ended = start();
        assertThat(ended.code()).isEqualTo(StartFailure.DATA_CORRUPT);
        oneSentence(ended, "data");
        assertThat(contents(data)).containsAll(before);
    }

    @Test
    void dataInUse_isOneSentence() throws Exception {
        try (SqliteStore held = SqliteStore.open(home.resolve("data"), false)) {
            assertThat(held.head()).isNotNegative();
            Ended ended = start();
            assertThat(ended.code()).isEqualTo(StartFailure.DATA_LOCKED);
            oneSentence(ended, "data");
        }
    }

    @Test
    void tempDirectoryWithoutExec_librariesAreUnpackedToTheDataDirectory() throws Exception {
        try (MountedDirectory noexec = MountedDirectory.mount(home.resolve("noexec"), "size=64m,noexec")) {
            // An address of no machine ends the start late, when everything was loaded.
            Ended ended = start(
                    List.of("-Djava.io.tmpdir=" + noexec.path()),
                    home.resolve("data"),
                    "--server.port=0",
                    "--spring.grpc.server.port=0",
                    "--spring.grpc.server.address=192.0.2.1");
            oneSentence(ended, "spring.grpc.server.address is 192.0.2.1");
            assertThat(ended.code()).isEqualTo(StartFailure.ENVIRONMENT);
            assertThat(ended.out())
                    .contains("noexec", home.resolve("data").resolve("native").toString(), "-Djava.io.tmpdir")
                    .doesNotContain("without epoll");
        }
    }

    @Test
    void libraryThatCannotBeLoadedAnywhere_isToldAsThat_andTheDataStaysAsItIs() throws Exception {
        try (MountedDirectory noexec = MountedDirectory.mount(home.resolve("noexec"), "size=64m,noexec")) {
            Path data = noexec.path().resolve("data");
            SqliteStore.open(data, false).close();
            List<String> before = contents(data);
            Ended ended = start(
                    List.of("-Djava.io.tmpdir=" + noexec.path()),
                    data,
                    "--server.port=0",
                    "--spring.grpc.server.port=0");
            assertThat(ended.code()).isEqualTo(StartFailure.ENVIRONMENT);
            oneSentence(ended, "SQLite library", "the data was not touched", "-Dorg.sqlite.tmpdir", "-Djava.io.tmpdir");
            assertThat(ended.err()).doesNotContain("move", "new-epoch", "damage");
            assertThat(ended.out()).contains("without epoll", "io.grpc.netty.shaded.io.netty.native.workdir");
            assertThat(contents(data)).isEqualTo(before);
        }
    }

    @Test
    void dataDirectoryThatIsReadOnly_isToldAsThat() throws Exception {
        try (MountedDirectory mounted = MountedDirectory.mount(home.resolve("mounted"), "size=64m")) {
            SqliteStore.open(mounted.path().resolve("data"), false).close();
            mounted.remount("ro");
            Ended ended =
                    start(List.of(), mounted.path().resolve("data"), "--server.port=0", "--spring.grpc.server.port=0");
            assertThat(ended.code()).isEqualTo(StartFailure.ENVIRONMENT);
            oneSentence(ended, "registry.data-dir", "write");
            assertThat(ended.err()).doesNotContain("move", "new-epoch", "damage");
        }
    }

    @Test
    void httpAddressOfAnotherMachine_isOneSentence() throws Exception {
        Ended ended = start("--server.port=0", "--spring.grpc.server.port=0", "--server.address=192.0.2.1");
        assertThat(ended.code()).isEqualTo(StartFailure.ENVIRONMENT);
        oneSentence(ended, "server.address is 192.0.2.1", "no address of this machine");
    }

    private static List<String> contents(Path directory) throws IOException {
        List<String> contents = new ArrayList<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                contents.add(file.getFileName() + ":" + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static void oneSentence(Ended ended, String... parts) {
        // Newer JVMs warn on standard error of what a library calls.
        assertThat(ended.err().strip().lines().filter(line -> !line.startsWith("WARNING: ")))
                .as(ended.err())
                .hasSize(1);
        assertThat(ended.err()).contains(parts).endsWith(".\n");
        assertThat(ended.out()).doesNotContain("\tat ");
    }

    private Ended start(String... args) throws IOException, InterruptedException {
        return start(List.of(), home.resolve("data"), args);
    }

    private Ended start(List<String> jvm, Path data, String... args) throws IOException, InterruptedException {
        Path out = Files.createTempFile(home, "out", ".txt");
        Path err = Files.createTempFile(home, "err", ".txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RegistryServer.class.getName(),
                "--registry.data-dir=" + data));
        command.addAll(1, jvm);
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended).as("the process ended by itself").isTrue();
        return new Ended(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
