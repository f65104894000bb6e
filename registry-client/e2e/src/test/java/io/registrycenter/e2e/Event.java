package io.registrycenter.e2e;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A line that {@code registryctl --json} or a swarm printed. */
record Event(JsonNode json) {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    static Event of(String line) {
        return new Event(MAPPER.readTree(line));
    }

    static List<Event> of(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("{"))
                .map(Event::of)
                .toList();
    }

    static boolean is(String line, String event) {
        return line.startsWith("{") && of(line).is(event);
    }

    /** An object as one line. */
    static String write(Map<String, Object> object) {
        return MAPPER.writeValueAsString(object);
    }

    boolean is(String event) {
        return event.equals(text("event"));
    }

    /** A put or a removal: what a watcher's user would see as a change. */
    boolean isChange() {
        return is("put") || is("removal");
    }

    String text(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asString).orElse("");
    }

    long number(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asLong).orElse(0L);
    }

    boolean flag(String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asBoolean).orElse(false);
    }

    /** The objects of a list field. */
    Stream<Event> each(String field) {
        return Optional.ofNullable(json.get(field)).stream()
                .flatMap(list -> list.values().stream())
                .map(Event::new);
    }
}
