package io.registrycenter.cli;

import io.registrycenter.client.Endpoint;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Keeps an instance registered while it runs, and takes it out on Ctrl-C or SIGTERM. */
@Command(
        name = "register",
        mixinStandardHelpOptions = true,
        description = "Registers an instance and keeps it registered until Ctrl-C or SIGTERM, then takes it out.")
final class RegisterCommand implements Callable<Integer> {
    @ParentCommand
    @Nullable
    Registryctl parent;

    @Parameters(index = "0", paramLabel = "SERVICE", description = "Name of the service.")
    String service = "";

    @Parameters(index = "1", paramLabel = "ID", description = "Name of the instance, unique in the service.")
    String id = "";

    @Option(
            names = "--endpoint",
            paramLabel = "NAME=HOST:PORT",
            converter = EndpointConverter.class,
            description = "Where it can be reached; repeatable.")
    List<Endpoint> endpoints = List.of();

    @Option(names = "--metadata", paramLabel = "KEY=VALUE", description = "Labels and the like; repeatable.")
    Map<String, String> metadata = Map.of();

    @Option(names = "--zone", description = "Where it runs.")
    String zone = "";

    @Option(
            names = "--weight",
            defaultValue = "100",
            description = "Share of work, 0..10000 (default: ${DEFAULT-VALUE}).")
    int weight;

    @Option(
            names = "--status",
            defaultValue = "UP",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    InstanceStatus status = InstanceStatus.UP;

    @Override
    public Integer call() throws Exception {
        GlobalOptions global = Commands.global(parent);
        Printer printer = global.printer();
        Links links = new Links(printer);
        Instance.Builder instance =
                Instance.builder(id).zone(zone).weight(weight).status(status).metadata(metadata);
        endpoints.forEach(instance::endpoint);
        try (RegistryClient client = global.client().onLink(links).build()) {
            AtomicBoolean over = new AtomicBoolean();
            Registration registration = client.register(service, instance.build());
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> leave(over, client, registration, printer), "goodbye"));
            try {
                printer.registered(
                        global.namespace, service, id, global.await(registration.registered(), links::lastLoss));
                CompletableFuture<LostReason> lost = new CompletableFuture<>();
                registration.onLost(lost::complete);
                LostReason reason = lost.get();
                printer.instanceLost(global.namespace, service, id, reason);
                throw new Failure(ExitCode.REFUSED, service + "/" + id + " is not ours any more: " + reason);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } finally {
                over.set(true);
            }
        }
    }

    /** On a signal: takes the instance out, and ends with 0 where the Java runtime would end with the signal's number. */
    private void leave(AtomicBoolean over, RegistryClient client, Registration registration, Printer printer) {
        if (over.compareAndSet(false, true)) {
            boolean registered = registration.registered().toCompletableFuture().isDone();
            registration.close();
            client.close();
            if (registered) {
                printer.deregistered(registration.namespace(), service, id);
            }
            Runtime.getRuntime().halt(ExitCode.OK.number());
        }
    }
}
