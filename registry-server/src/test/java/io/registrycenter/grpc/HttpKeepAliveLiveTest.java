package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One HTTP connection, request after request, as a scraper or a probe uses it. Reactor Netty 1.3.7 stopped reading a connection
 * when a request came before the one before it was over, and was answered at once.
 */
class HttpKeepAliveLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SLOWER = "/actuator/health/readiness";
    private static final String AT_ONCE = "/actuator/drain";
    private static final int ROUNDS = 20;

    @TempDir
    Path data;

    @Test
    void requestsThatComeTogether_areAnswered_andSoIsWhatFollows() throws IOException {
        try (LiveServer server = LiveServer.start(data);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            for (int i = 0; i < ROUNDS; i++) {
                say(socket.getOutputStream(), get(SLOWER) + get(AT_ONCE));
                assertThat(status(answers)).isEqualTo("HTTP/1.1 200 OK");
                assertThat(status(answers)).isEqualTo("HTTP/1.1 200 OK");
                say(socket.getOutputStream(), get(AT_ONCE));
                assertThat(status(answers)).as("round %d", i).isEqualTo("HTTP/1.1 200 OK");
            }
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static void say(OutputStream out, String requests) throws IOException {
        out.write(requests.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** The next answer's first line; the rest of it is read away. */
    private static String status(BufferedReader answers) throws IOException {
        String status = answers.readLine();
        int length = 0;
        for (String line = answers.readLine(); line != null && !line.isEmpty(); line = answers.readLine()) {
            String[] header = line.split(": ", 2);
            if (header[0].equalsIgnoreCase("content-length")) {
                length = Integer.parseInt(header[1]);
            }
        }
        for (int left = length; left > 0; left--) {
            assertThat(answers.read()).isNotNegative();
        }
        return String.valueOf(status);
    }
}
