package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.RegistryServer;
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

    private static List<String> contents(Path directory) throws IOException {
        List<String> contents = new ArrayList<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                contents.add(file.getFileName() + ":" + Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static void oneSentence(Ended ended, String... parts) {
        assertThat(ended.err().strip().lines()).as(ended.err()).hasSize(1);
        assertThat(ended.err()).contains(parts).endsWith(".\n");
        assertThat(ended.out()).doesNotContain("\tat ");
    }

    private Ended start(String... args) throws IOException, InterruptedException {
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
                "--registry.data-dir=" + home.resolve("data")));
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
