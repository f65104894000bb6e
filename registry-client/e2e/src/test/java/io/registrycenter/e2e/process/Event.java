package io.registrycenter.e2e.process;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A line that {@code registryctl --json} or a swarm printed. */
public record Event(JsonNode json) {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    public static Event of(String line) {
        return new Event(MAPPER.readTree(line));
    }

    public static List<Event> of(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("{"))
                .map(Event::of)
                .toList();
    }

    public static boolean is(String line, String event) {
        return line.startsWith("{") && of(line).is(event);
    }

    /** An object as one line. */
    public static String write(Map<String, Object> object) {
        return MAPPER.writeValueAsString(object);
    }

    public boolean is(String event) {
        return event.equals(text("event"));
    }

    /** A put or a removal: what a watcher's user would see as a change. */
    public boolean isChange() {
        return is("put") || is("removal");
    }

    public String text(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asString).orElse("");
    }

    public long number(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asLong).orElse(0L);
    }

    public boolean flag(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asBoolean).orElse(false);
    }

    /** The object of a field; an empty one where there is none. */
    public Event part(String field) {
        return Optional.ofNullable(json.get(field)).map(Event::new).orElseGet(() -> of("{}"));
    }

    /** The objects of a list field. */
    public Stream<Event> each(String field) {
        return Optional.ofNullable(json.get(field)).stream()
                .flatMap(list -> list.values().stream())
                .map(Event::new);
    }
}
