package io.registrycenter.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A real process whose standard output is kept line by line; everything it prints also goes to a log file of the build. */
final class Program implements AutoCloseable {

    private final String name;
    private final Process process;
    private final Path log;
    private final List<String> lines = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private boolean ended;

    private Program(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts a command in a directory; its standard error goes to the log only. */
    static Program start(String name, Path directory, List<String> command) {
        try {
            Path logs = Files.createDirectories(Programs.BUILD.resolve("e2e-logs"));
            Path log = Files.createTempFile(logs, name + "-", ".log");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectError(log.toFile())
                    .start();
            process.getOutputStream().close();
            Program program = new Program(name, process, log);
            Thread reader = new Thread(program::read, "output of " + name);
            reader.setDaemon(true);
            reader.start();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                add(line);
            }
        } catch (IOException killed) {
            // The pipe of a killed process may break in the middle of a line; what was read stands.
            add("(output ended: " + killed.getMessage() + ")");
        } finally {
            lock.lock();
            try {
                ended = true;
                more.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            lines.add(line);
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The first line from an index on that is wanted; fails when there is none in time or the output ends. */
    Line await(int from, Predicate<String> wanted, String what, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        lock.lock();
        try {
            int next = from;
            while (true) {
                for (; next < lines.size(); next++) {
                    if (wanted.test(lines.get(next))) {
                        return new Line(next, lines.get(next));
                    }
                }
                long left = deadline - System.nanoTime();
                if (ended || left <= 0) {
                    throw new AssertionError(name + (ended ? " ended" : " went on for " + within) + " without " + what
                            + "; it printed " + lines.subList(Math.min(from, lines.size()), lines.size())
                            + "; its errors are in " + log + ": " + errors());
                }
                more.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }

    /** What was printed from an index on. */
    List<String> lines(int from) {
        lock.lock();
        try {
            return List.copyOf(lines.subList(Math.min(from, lines.size()), lines.size()));
        } finally {
            lock.unlock();
        }
    }

    /** What it wrote to standard error. */
    String errors() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: no goodbye of any kind. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(10));
    }

    /** SIGTERM, and its exit code. */
    int terminate(Duration within) {
        process.destroy();
        return awaitExit(within);
    }

    int awaitExit(Duration within) {
        try {
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " did not end within " + within + "; " + errors());
            }
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
    record Line(int index, String text) {}
}
