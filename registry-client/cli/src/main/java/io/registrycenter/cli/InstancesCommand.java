package io.registrycenter.cli;

import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryClient;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Lists the instances of a service. */
@Command(name = "instances", mixinStandardHelpOptions = true, description = "Lists the instances of a service.")
final class InstancesCommand implements Callable<Integer> {
    @ParentCommand
    @Nullable
    Registryctl parent;

    @Parameters(paramLabel = "SERVICE", description = "Name of the service.")
    String service = "";

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "Only instances with this metadata entry; repeatable.")
    Map<String, String> labels = Map.of();

    @Override
    public Integer call() {
        GlobalOptions global = Commands.global(parent);
        try (RegistryClient client = global.client().build()) {
            Interest interest = new Interest(global.namespace, service, labels);
            global.printer().instances(global.await(client.instances(interest), () -> ""));
            return ExitCode.OK.number();
        }
    }
}
