package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.RegistryServer;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One property makes each line an ECS object with the evidence of an end as fields, on a real process. */
class StructuredLogTest {

    private static final Pattern GRPC_PORT = Pattern.compile("gRPC 127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    Path home;

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void endOfAConnection_isAnObject_withItsCauseAndEvidence() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RegistryServer.class.getName(),
                        "--registry.data-dir=" + home.resolve("data"),
                        "--server.port=0",
                        "--spring.grpc.server.port=0",
                        "--logging.structured.format.console=ecs")
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            Matcher started = GRPC_PORT.matcher(
                    line(lines, "Registry Center").at("/message").asString());
            assertThat(started.find()).isTrue();
            try (Socket wrong = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(started.group(1)))) {
                wrong.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                wrong.getInputStream().readAllBytes();
            }
            JsonNode end = line(lines, "PROTOCOL_MISMATCH");
            assertThat(end.at("/log/level").asString()).isEqualTo("WARN");
            assertThat(end.at("/message").asString()).startsWith("connection ended: cause=PROTOCOL_MISMATCH");
            JsonNode fields = end.at("/registry/disconnect");
            assertThat(fields.at("/cause").asString()).isEqualTo("PROTOCOL_MISMATCH");
            assertThat(fields.at("/kind").asString()).isEqualTo("CONNECTION");
            assertThat(fields.at("/phase").asString()).isEqualTo("HANDSHAKE");
            assertThat(fields.at("/expected").isBoolean()).isTrue();
            assertThat(fields.at("/advice").asString()).isEqualTo("STOP");
            assertThat(fields.at("/peer").asString()).startsWith("127.0.0.1:");
            assertThat(fields.at("/age_ms").isNumber()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** The next object with a text in it. */
    private static JsonNode line(BufferedReader lines, String text) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("{")) {
                JsonNode object = JsonMapper.shared().readTree(line);
                if (line.contains(text)) {
                    return object;
                }
            }
        }
        throw new AssertionError("the process ended without a line about " + text);
    }
}
