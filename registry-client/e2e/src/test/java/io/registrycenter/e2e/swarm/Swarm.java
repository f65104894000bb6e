package io.registrycenter.e2e.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.e2e.process.Event;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A swarm as its parent sees it: a process, everything it has printed, and questions about it. A mark is a number of events:
 * what comes later is what came after it.
 */
public final class Swarm implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);
    private static final List<String> JVM = List.of(
            "-Xmx1500m",
            "-Xss256k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED");

    private final SwarmPlan plan;
    private final Program program;

    private Swarm(SwarmPlan plan, Program program) {
        this.plan = plan;
        this.program = program;
    }

    /** Starts the process. */
    public static Swarm begin(Path directory, SwarmPlan plan) {
        return new Swarm(plan, Programs.java(plan.name(), directory, SwarmMain.class, JVM, plan.arguments()));
    }

    /** Starts it and waits until all is registered and every watcher sees it. */
    public static Swarm start(Path directory, SwarmPlan plan) {
        Swarm swarm = begin(directory, plan);
        swarm.awaitReady();
        return swarm;
    }

    public void awaitReady() {
        program.awaitEvent(0, event -> event.is("ready"), "its ready line", START);
    }

    public SwarmPlan plan() {
        return plan;
    }

    public Program program() {
        return program;
    }

    public int mark() {
        return program.events(0).size();
    }

    /** All events after a mark, in the order in which they were printed. */
    public List<Event> since(int mark) {
        return program.events(mark);
    }

    /** The events of a kind after a mark. */
    public List<Event> since(int mark, String event) {
        return since(mark).stream().filter(one -> one.is(event)).toList();
    }

    /** Waits until so many clients have a live stream of a kind that was made after the mark. */
    public void awaitConnected(int mark, String stream, int clients, Duration within) {
        awaitClients(
                mark,
                event -> event.is("connected") && event.text("stream").equals(stream),
                clients,
                stream + " streams live again",
                within);
    }

    /** Waits until so many clients have been told something after the mark. */
    public void awaitClients(int mark, Predicate<Event> wanted, int clients, String what, Duration within) {
        program.awaitDistinct(mark, wanted, event -> event.number("client"), clients, what, within);
    }

    /** Streams that had been live and ended for a reason that is no part of normal operation. */
    public List<Event> unexpectedEnds(int mark) {
        return since(mark, "disconnected").stream()
                .filter(event -> !event.flag("expected"))
                .filter(event -> !event.text("phase").equals("CONNECTING"))
                .toList();
    }

    /** How often each cause was reported, with how far its stream had come. */
    public Map<String, Long> causes(int mark) {
        return since(mark, "disconnected").stream()
                .collect(Collectors.groupingBy(
                        event -> event.text("stream") + " " + event.text("phase") + " " + event.text("cause"),
                        TreeMap::new,
                        Collectors.counting()));
    }

    /** Nobody saw an instance change, started over with a snapshot, went back, or gave up, and all went on where they were. */
    public void assertUndisturbed(int mark) {
        assertUndisturbedBut(mark, "");
    }

    /** As before; events of one kind are meant. */
    public void assertUndisturbedBut(int mark, String meant) {
        List<Event> wrong = new ArrayList<>();
        Stream.of("change", "snapshot", "violation", "given-up")
                .filter(kind -> !kind.equals(meant))
                .forEach(kind -> wrong.addAll(since(mark, kind)));
        since(mark, "connected").stream()
                .filter(event -> !event.flag("resumed"))
                .forEach(wrong::add);
        assertThat(wrong).as("what no user may notice").isEmpty();
    }

    @Override
    public void close() {
        program.close();
    }
}
