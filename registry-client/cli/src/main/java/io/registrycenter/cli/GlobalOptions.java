package io.registrycenter.cli;

import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryClientBuilder;
import io.registrycenter.client.RegistryException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes, before or after its name. Confined to the main thread. */
final class GlobalOptions {
    private final PrintStream out;

    @Option(
            names = "--server",
            scope = ScopeType.INHERIT,
            split = ",",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:REGISTRY_SERVER:-127.0.0.1:9090}",
            description = "A server; repeatable (default: REGISTRY_SERVER, else 127.0.0.1:9090).")
    List<String> servers = List.of();

    @Option(
            names = {"-n", "--namespace"},
            scope = ScopeType.INHERIT,
            defaultValue = "default",
            description = "Namespace (default: ${DEFAULT-VALUE}).")
    String namespace = "default";

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "One JSON object a line on stdout.")
    boolean json;

    @Option(
            names = "--color",
            scope = ScopeType.INHERIT,
            defaultValue = "auto",
            description = "auto, always or never; auto: on a terminal, unless NO_COLOR is set (default: auto).")
    Style.When color = Style.When.AUTO;

    @Option(
            names = "--timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to wait for a server (default: ${DEFAULT-VALUE}); a watch waits for ever.")
    int timeoutSeconds = 10;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "The client's log on stderr.")
    boolean verbose;

    GlobalOptions(PrintStream out) {
        this.out = out;
    }

    Printer printer() {
        if (json) {
            return new JsonPrinter(out);
        }
        String noColour = System.getenv("NO_COLOR");
        return new TextPrinter(
                out,
                Style.of(color, Boolean.getBoolean("registryctl.terminal"), noColour != null && !noColour.isEmpty()));
    }

    /** A client for these servers; the caller closes it. */
    RegistryClientBuilder client() {
        Logging.set(verbose);
        return RegistryClient.builder()
                .target(servers.toArray(String[]::new))
                .name("registryctl")
                .namespace(namespace)
                .callTimeout(timeout());
    }

    Duration timeout() {
        if (timeoutSeconds < 1) {
            throw new Failure(ExitCode.USAGE, "--timeout is " + timeoutSeconds + ", but must be 1 or more seconds");
        }
        return Duration.ofSeconds(timeoutSeconds);
    }

    /** Waits for an answer, a little longer than the client itself does. */
    <T> T await(CompletionStage<T> answer, Supplier<String> hint) {
        try {
            return answer.toCompletableFuture().get(timeout().toMillis() + 500, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RegistryException refusal
                    && ExitCode.of(refusal.kind()) == ExitCode.UNREACHABLE) {
                throw new Failure(
                        ExitCode.UNREACHABLE,
                        "cannot reach " + String.join(", ", servers) + ": " + refusal.closeCause() + " ("
                                + refusal.getMessage() + ")");
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new Failure(ExitCode.REFUSED, "unexpected: " + e.getCause());
        } catch (TimeoutException e) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    "no answer from " + String.join(", ", servers) + " within " + timeoutSeconds + " s" + hint.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.INTERRUPTED, "interrupted");
        }
    }
}
