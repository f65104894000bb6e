package io.registrycenter.cli;

import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.WatchListener;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows a service, or all services of the namespace, and every change, until Ctrl-C. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Shows the instances, then every change, until Ctrl-C; resumes by itself.")
final class WatchCommand implements Callable<Integer> {
    @ParentCommand
    @Nullable
    Registryctl parent;

    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "Default: every service of the namespace.")
    String service = "";

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "Only instances with this metadata entry; repeatable.")
    Map<String, String> labels = Map.of();

    /** Prints the steps of the view; the first snapshot is told whole, later ones by their difference too. */
    private static final class Steps implements WatchListener {
        private final Printer printer;
        private final CompletableFuture<Integer> end;
        private boolean seen;

        Steps(Printer printer, CompletableFuture<Integer> end) {
            this.printer = printer;
            this.end = end;
        }

        @Override
        public void onSnapshot(ViewChange change) {
            printer.snapshot(change);
            if (seen) {
                change.changes().forEach(printer::change);
            }
            seen = true;
        }

        @Override
        public void onChanges(ViewChange change) {
            change.changes().forEach(printer::change);
        }

        @Override
        public void onRefused(RegistryException reason) {
            end.completeExceptionally(reason);
        }
    }

    @Override
    public Integer call() throws Exception {
        GlobalOptions global = Commands.global(parent);
        Printer printer = global.printer();
        Links links = new Links(printer);
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (RegistryClient client = global.client().onLink(links).build()) {
            // Ctrl-C: a polite end for the server; the exit code 130 is the Java runtime's
            Runtime.getRuntime().addShutdownHook(new Thread(client::close, "goodbye"));
            Interest interest = new Interest(global.namespace, service, labels);
            links.watching(client.watch(interest, new Steps(printer, end)));
            return end.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RegistryException refusal ? Failure.of(refusal) : e;
        }
    }
}
