package io.registrycenter.cli;

import io.registrycenter.client.RegistryException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The program: picks the command; every end is an {@link ExitCode} and at most one sentence on stderr. */
@Command(
        name = "registryctl",
        description = "Registers instances and watches services of a Registry Center.",
        mixinStandardHelpOptions = true,
        version = "registryctl 0.1.0",
        subcommands = {RegisterCommand.class, WatchCommand.class, ServicesCommand.class, InstancesCommand.class},
        footer = {
            "%nregistryctl store export|import|restore works on the store of a server that is stopped:",
            "it is the server program's (registry-server/bin/registry-server store), with its settings."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the registry refused, or the input breaks a rule",
            "2:the command line is wrong",
            "3:no server could be reached",
            "130:Ctrl-C during a watch"
        })
public final class Registryctl {
    @Mixin
    final GlobalOptions global;

    Registryctl(GlobalOptions global) {
        this.global = global;
    }

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(out, err, args));
    }

    /** Runs one command and returns its exit code; waits as long as the command does. */
    static int run(PrintStream out, PrintStream err, String... args) {
        CommandLine commandLine = new CommandLine(new Registryctl(new GlobalOptions(out)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((thrown, at, parsed) -> {
                    Failure failure = failure(thrown);
                    at.getErr().println("registryctl: " + failure.getMessage());
                    return failure.exitCode().number();
                });
        return commandLine.execute(args);
    }

    private static Failure failure(Exception thrown) {
        return switch (thrown) {
            case Failure failure -> failure;
            case RegistryException refusal -> Failure.of(refusal);
            case IllegalArgumentException bad -> new Failure(ExitCode.REFUSED, String.valueOf(bad.getMessage()));
            default -> new Failure(ExitCode.REFUSED, "unexpected: " + thrown);
        };
    }
}
