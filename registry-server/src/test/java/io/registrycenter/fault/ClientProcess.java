package io.registrycenter.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@link ClientProgram} that runs as a process of its own, and what can happen to a process. Driven by one thread. */
final class ClientProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader answers;

    /** Starts one, which takes a moment; {@link #connect} waits for it. */
    ClientProcess(int port, String service, int watchers) throws IOException {
        process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClientProgram.class.getName(),
                        String.valueOf(port),
                        service,
                        String.valueOf(watchers))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        answers = process.inputReader();
    }

    /** Connects its watchers, which are not connected or will soon know so, and returns when each has an answer. */
    void connect() throws IOException {
        process.outputWriter().write("connect\n");
        process.outputWriter().flush();
        String answer = CompletableFuture.supplyAsync(this::answer)
                .orTimeout(FaultServer.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (!answer.equals("ready")) {
            throw new AssertionError("the client said: " + answer);
        }
    }

    private String answer() {
        try {
            String line = answers.readLine();
            while (line != null && !line.equals("ready")) {
                line = answers.readLine();
            }
            return Objects.requireNonNullElse(line, "nothing; its process is gone");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL: the kernel closes its sockets. */
    void kill() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(FaultServer.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** SIGSTOP: its sockets stay, its kernel acknowledges, it does nothing. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT: it goes on where it was. */
    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process signal = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
        if (!signal.waitFor(FaultServer.PATIENCE.toSeconds(), TimeUnit.SECONDS) || signal.exitValue() != 0) {
            throw new AssertionError("cannot send SIG" + name + " to process " + process.pid());
        }
    }

    @Override
    public void close() {
        kill();
    }
}
