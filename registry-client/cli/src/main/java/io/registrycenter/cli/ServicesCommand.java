package io.registrycenter.cli;

import io.registrycenter.client.RegistryClient;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Lists the services of the namespace. */
@Command(name = "services", mixinStandardHelpOptions = true, description = "Lists the services of the namespace.")
final class ServicesCommand implements Callable<Integer> {
    @ParentCommand
    @Nullable
    Registryctl parent;

    @Override
    public Integer call() {
        GlobalOptions global = Commands.global(parent);
        try (RegistryClient client = global.client().build()) {
            global.printer().services(global.namespace, global.await(client.services(), () -> ""));
            return ExitCode.OK.number();
        }
    }
}
