package io.registrycenter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.client.RegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class RegistryctlTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return Registryctl.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static String closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + socket.getLocalPort();
        }
    }

    private static List<String> readme(String pattern) throws IOException {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    @Test
    void the_exit_codes_of_the_readme_are_those_of_the_program() throws IOException {
        assertThat(readme("^\\| (\\d+) \\|"))
                .containsExactlyElementsOf(Arrays.stream(ExitCode.values())
                        .map(code -> Integer.toString(code.number()))
                        .toList());
    }

    @Test
    void every_json_event_of_the_program_is_in_the_readme_with_all_its_fields() throws IOException {
        List<String> printed = Samples.printed(JsonPrinter::new, Samples::all);

        assertThat(readme("^\\| `([a-z_]+)` \\|"))
                .containsExactlyElementsOf(printed.stream()
                        .map(line -> line.replaceAll("^\\{\"event\":\"([a-z_]+)\".*", "$1"))
                        .toList());
        List<String> words = readme("`([a-z_]+)`");
        for (String line : printed) {
            Pattern.compile("\"([a-z_]+)\":")
                    .matcher(line)
                    .results()
                    .map((MatchResult match) -> match.group(1))
                    .filter(field -> !List.of("event", "track", "note").contains(field))
                    .forEach(field -> assertThat(words).contains(field));
        }
    }

    @Test
    void services_noServer_isUnreachableInOneSentence() throws IOException {
        assertThat(run("services", "--server", closedPort(), "--timeout", "2"))
                .isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(err()).startsWith("registryctl: cannot reach 127.0.0.1:").hasLineCount(1);
    }

    @Test
    void options_beforeTheCommand_areTheCommands() throws IOException {
        assertThat(run("--server", closedPort(), "--timeout=2", "instances", "orders"))
                .isEqualTo(ExitCode.UNREACHABLE.number());
    }

    @Test
    void unknown_command_isAUsageError() {
        assertThat(run("wach")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("register", "orders")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("register", "orders", "a1", "--endpoint", "nonsense")).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("services", "--timeout", "0")).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void help_anyCommand_isNoError() {
        assertThat(run("--help")).isEqualTo(ExitCode.OK.number());
        assertThat(run("watch", "--help")).isEqualTo(ExitCode.OK.number());
    }

    @Test
    void of_refusal_namesFieldValueAndRule() {
        Failure failure = Failure.of(RegistryException.invalidInput("refused", "service", "a b", "1..128 characters"));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(failure).hasMessage("refused: service is \"a b\", but the rule is: 1..128 characters");
    }

    @Test
    void convert_endpoint_readsNameHostAndPort() {
        EndpointConverter converter = new EndpointConverter();

        assertThat(converter.convert("grpc=[::1]:70").host()).isEqualTo("::1");
        assertThat(converter.convert("grpc=h:70").port()).isEqualTo(70);
        for (String bad : List.of(
                "grpc=h:x",
                "grpc=h:0",
                "grpc=h:65536",
                "grpc=h:+7",
                "grpc=h",
                "=h:7",
                "grpc=::1:7",
                "grpc=[::1:7",
                "grpc=http://h:7",
                "grpc= h:7",
                "grpc=[h]:7")) {
            assertThatThrownBy(() -> converter.convert(bad))
                    .as(bad)
                    .isInstanceOf(TypeConversionException.class)
                    .hasMessageContaining(bad);
        }
    }

    @Test
    void server_thatIsNoAddress_isRefusedInOneSentenceWithWhatToWrite() {
        for (String bad : List.of("http://h:9090", "h:port", "::1:9090", " h:9090")) {
            assertThat(run("services", "--server", bad)).as(bad).isEqualTo(ExitCode.REFUSED.number());
        }
        assertThat(err().lines())
                .hasSize(4)
                .allMatch(line -> line.startsWith("registryctl: target must be host:port or dns:///name:port, was \""))
                .anyMatch(line -> line.endsWith("write it without a scheme: h:9090"));
    }
}
