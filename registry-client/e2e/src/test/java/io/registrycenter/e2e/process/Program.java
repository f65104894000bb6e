package io.registrycenter.e2e.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A real process whose standard output is kept; all that it prints also goes to log files of the build. One that still runs when
 * the tests end, or are ended, is killed. For any thread.
 */
public final class Program implements AutoCloseable {

    private static final int SHOWN = 40;
    private static final Duration LAST_WORDS = Duration.ofSeconds(10);

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "end of all programs"));
    }

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread reader;
    private final Growing<String> lines = new Growing<>();
    private final Growing<Event> events = new Growing<>();

    private Program(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
    }

    /** Starts a command in a directory. */
    public static Program start(String name, Path directory, List<String> command) {
        return start(name, directory, command, Map.of());
    }

    /** Starts a command in a directory, with additions to the environment. */
    public static Program start(String name, Path directory, List<String> command, Map<String, String> environment) {
        try {
            Path logs = Files.createDirectories(Programs.BUILD.resolve("e2e-logs"));
            Path log = Files.createTempFile(logs, name + "-", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(directory.toFile()).redirectError(log.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            Program program = new Program(name, process, log);
            program.reader.start();
            RUNNING.add(process);
            var unused = process.onExit().thenAccept(RUNNING::remove);
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                PrintWriter copy = new PrintWriter(Files.newBufferedWriter(Path.of(log + ".out")), true)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                copy.println(line);
                lines.add(line);
                if (line.startsWith("{") && line.endsWith("}")) {
                    events.add(Event.of(line));
                }
            }
        } catch (IOException killed) {
            // The pipe of a killed process may break in the middle of a line; what was read stands.
            lines.add("(output ended: " + killed.getMessage() + ")");
        } finally {
            lines.end();
            events.end();
        }
    }

    /** The first line from an index on that is wanted; fails when there is none in time or the output ends. */
    public Line await(int from, Predicate<String> wanted, String what, Duration within) {
        int index = lines.first(from, wanted, within).orElseThrow(() -> complaint(what, within));
        return new Line(index, lines.get(index));
    }

    /** The first event from an index on that is wanted; fails when there is none in time or the output ends. */
    public Event awaitEvent(int from, Predicate<Event> wanted, String what, Duration within) {
        int index = events.first(from, wanted, within).orElseThrow(() -> complaint(what, within));
        return events.get(index);
    }

    /** Waits until the wanted events from an index on have so many different keys. */
    public <K> void awaitDistinct(
            int from, Predicate<Event> wanted, Function<Event, K> key, int count, String what, Duration within) {
        int seen = events.distinct(from, wanted, key, count, within).size();
        if (seen < count) {
            throw complaint(count + " of \"" + what + "\" (there were " + seen + ")", within);
        }
    }

    /** Whether a wanted event comes in the time: for what must not come, which only time can tell. */
    public boolean comes(int from, Predicate<Event> wanted, Duration within) {
        return events.first(from, wanted, within).isPresent();
    }

    private AssertionError complaint(String what, Duration within) {
        List<String> newest = lines.from(Math.max(0, lines.size() - SHOWN));
        return new AssertionError(name + (lines.hasEnded() ? " ended" : " went on for " + within) + " without " + what
                + "; the last it printed is " + newest + "; its errors are in " + log + ": " + errors());
    }

    /** What was printed from an index on. */
    public List<String> lines(int from) {
        return lines.from(from);
    }

    /** The JSON objects that were printed, from an index on. */
    public List<Event> events(int from) {
        return events.from(from);
    }

    /** What it wrote to standard error. */
    public String errors() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL: no goodbye of any kind. */
    public void kill() {
        end(process.toHandle().destroyForcibly());
        awaitExit(Duration.ofSeconds(10));
    }

    /** SIGSTOP: it is there and does nothing. */
    public void pause() {
        Programs.signal("STOP", process.pid());
    }

    /** SIGCONT. */
    public void resume() {
        Programs.signal("CONT", process.pid());
    }

    /** SIGTERM, and its exit code. */
    public int terminate(Duration within) {
        end(process.toHandle().destroy());
        return awaitExit(within);
    }

    /** Through the handle: the process itself would close its output, with what nobody has read yet. */
    private void end(boolean asked) {
        if (!asked && process.isAlive()) {
            throw new AssertionError(name + " cannot be asked to end");
        }
    }

    /** Its exit code; all that it printed has been read. */
    public int awaitExit(Duration within) {
        try {
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " did not end within " + within + "; " + errors());
            }
            reader.join(LAST_WORDS);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the end of " + name, e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** A line of output and its index. */
    public record Line(int index, String text) {}
}
