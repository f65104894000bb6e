package io.registrycenter.e2e.swarm;

import io.registrycenter.e2e.process.Event;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prints events as JSON lines. Any thread. */
public final class SwarmOutput {

    private final PrintStream out;

    public SwarmOutput(PrintStream out) {
        this.out = out;
    }

    /**
     * One event, with the monotonic time of this machine.
     *
     * @param fields names and values in turn
     */
    public void print(String event, Object... fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", event);
        line.put("nanos", System.nanoTime());
        for (int i = 0; i < fields.length; i += 2) {
            line.put((String) fields[i], fields[i + 1]);
        }
        String text = Event.write(line);
        synchronized (this) {
            out.println(text);
        }
    }
}
