package io.registrycenter.cli;

import java.util.List;
import java.util.Map;

/** One JSON object on one line, fields in the order they are added. Confined to one thread. */
final class Json {
    private final StringBuilder text = new StringBuilder("{");

    static Json event(String name) {
        return new Json().add("event", name);
    }

    Json add(String name, String value) {
        string(field(name), value);
        return this;
    }

    Json add(String name, long value) {
        field(name).append(value);
        return this;
    }

    Json add(String name, boolean value) {
        field(name).append(value);
        return this;
    }

    Json add(String name, Json value) {
        field(name).append(value);
        return this;
    }

    Json add(String name, List<Json> values) {
        field(name).append('[');
        String comma = "";
        for (Json value : values) {
            text.append(comma).append(value);
            comma = ",";
        }
        text.append(']');
        return this;
    }

    /** The entries as an object, sorted by key. */
    Json add(String name, Map<String, String> entries) {
        Json object = new Json();
        entries.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> object.add(entry.getKey(), entry.getValue()));
        return add(name, object);
    }

    private StringBuilder field(String name) {
        if (text.length() > 1) {
            text.append(',');
        }
        string(text, name);
        return text.append(':');
    }

    private static void string(StringBuilder out, String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // also what ends a line for some readers, and halves of surrogate pairs that stand alone
                    if (c < ' ' || c == 0x7f || c == 0x2028 || c == 0x2029 || alone(value, i)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean alone(String value, int at) {
        char c = value.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == value.length() || !Character.isLowSurrogate(value.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(value.charAt(at - 1)));
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
