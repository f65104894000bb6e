package io.registrycenter.load;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: picks the command. Errors are one sentence and exit code 1, wrong usage is exit code 2. */
@Command(
        name = "registry-load",
        description = "Measures a registry server against the bare gRPC stack, one JSON line a figure on stdout.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RegisterCommand.class,
            FanoutCommand.class,
            IdleCommand.class,
            ResumeCommand.class,
            StalledCommand.class,
            StartCommand.class,
            SteadyCommand.class,
            YardstickCommand.class
        })
public final class RegistryLoad {
    private RegistryLoad() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new RegistryLoad())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    String message = failure.getMessage();
                    commandLine.getErr().println("registry-load: " + (message == null ? failure : message));
                    return 1;
                })
                .execute(args));
    }
}
