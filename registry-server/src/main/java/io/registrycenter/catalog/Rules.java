package io.registrycenter.catalog;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a caller may send. Every method returns when its rule holds and throws the {@link Refusal} that names the field, the
 * value and the rule when not: {@code InvalidInput} for what is malformed, {@code LimitExceeded} for what is too many or too
 * large. Fields are paths from the root of the request message. Stateless; any thread.
 */
public final class Rules {

    public static final int NAMESPACE_CHARACTERS = 64;
    public static final int NAME_CHARACTERS = 128;
    public static final int SHORT_TEXT_CHARACTERS = 64;
    public static final int HOST_CHARACTERS = 253;
    public static final int SESSION_ID_CHARACTERS = 32;
    public static final int ENDPOINTS = 16;
    public static final int METADATA_ENTRIES = 64;
    public static final int METADATA_ENTRY_BYTES = 1024;
    public static final int LABELS = 16;
    public static final int MAX_WEIGHT = 10_000;
    public static final int INSTANCE_BYTES = 16 * 1024;
    public static final int INSTANCES_PER_SERVICE = 10_000;
    public static final Duration MIN_TTL = Duration.ofSeconds(5);
    public static final Duration MAX_TTL = Duration.ofMinutes(10);

    private Rules() {}

    public static void namespace(String value) {
        name("namespace", value, NAMESPACE_CHARACTERS);
    }

    public static void service(String value) {
        name("service", value, NAME_CHARACTERS);
    }

    public static void instanceId(String value) {
        name("instance_id", value, NAME_CHARACTERS);
    }

    /** Which instance a call is about. */
    public static void key(InstanceKey key) {
        namespace(key.namespace());
        service(key.service());
        instanceId(key.id());
    }

    /**
     * An instance as a client describes it; its service is checked too, its revisions are not.
     *
     * @throws Refusal.InvalidInput when a field breaks its rule
     * @throws Refusal.LimitExceeded {@code instance-endpoints}, {@code metadata-entries} or {@code metadata-entry-bytes}, and
     *     {@code instance-bytes} when {@link InstanceSize#bytes} is above 16 KiB
     */
    public static void instance(Instance instance) {
        service(instance.service());
        name("instance.id", instance.id(), NAME_CHARACTERS);
        endpoints(instance.endpoints());
        text("instance.zone", instance.zone(), 0, SHORT_TEXT_CHARACTERS);
        if (instance.weight() < 0 || instance.weight() > MAX_WEIGHT) {
            throw invalid("instance.weight", Integer.toString(instance.weight()), "be 0.." + MAX_WEIGHT);
        }
        metadata(instance.metadata());
        int bytes = InstanceSize.bytes(instance);
        if (bytes > INSTANCE_BYTES) {
            throw new Refusal.LimitExceeded("instance-bytes", "instance", INSTANCE_BYTES, bytes);
        }
    }

    /**
     * What a watcher or a reader wants.
     *
     * @param field path of the interest
     */
    public static void interest(String field, Interest interest) {
        name(field + ".namespace", interest.namespace(), NAMESPACE_CHARACTERS);
        if (!interest.wholeNamespace()) {
            name(field + ".service", interest.service(), NAME_CHARACTERS);
        }
        labels(field + ".labels", interest.labels());
    }

    /**
     * Labels of an interest.
     *
     * @throws Refusal.LimitExceeded {@code interest-labels} or {@code label-bytes}
     */
    public static void labels(String field, Map<String, String> labels) {
        if (labels.size() > LABELS) {
            throw new Refusal.LimitExceeded("interest-labels", field, LABELS, labels.size());
        }
        entries("label-bytes", field, labels);
    }

    /**
     * The id of a session. Never says more of the value than its first four characters: it may be somebody's secret.
     *
     * @param field its path, for example {@code resume.session_id}
     */
    public static void sessionId(String field, String value) {
        boolean valid = value.length() == SESSION_ID_CHARACTERS;
        for (int i = 0; valid && i < value.length(); i++) {
            char c = value.charAt(i);
            valid = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        if (!valid) {
            String start = value.length() > 8 ? value.substring(0, 4) + "..." : "";
            throw invalid(
                    field,
                    start + " (" + value.length() + " characters)",
                    "be the " + SESSION_ID_CHARACTERS + " lower-case hexadecimal digits that Opened gave");
        }
    }

    /** May be empty: none. */
    public static void requestId(String value) {
        text("request_id", value, 0, SHORT_TEXT_CHARACTERS);
    }

    /** The mark of one link loss in a resume. */
    public static void attempt(String field, String value) {
        text(field, value, 1, SHORT_TEXT_CHARACTERS);
    }

    public static void client(String field, ClientInfo client) {
        text(field + ".name", client.name(), 0, SHORT_TEXT_CHARACTERS);
        text(field + ".version", client.version(), 0, SHORT_TEXT_CHARACTERS);
        text(field + ".instance", client.instance(), 0, NAME_CHARACTERS);
    }

    /** Silence a session is allowed; zero stands for the server's default and is fine. */
    public static void ttl(String field, Duration ttl) {
        if (!ttl.isZero() && (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0)) {
            throw invalid(
                    field,
                    Long.toString(ttl.toMillis()),
                    "be " + MIN_TTL.toMillis() + ".." + MAX_TTL.toMillis() + ", or 0 for the default");
        }
    }

    private static void endpoints(List<Endpoint> endpoints) {
        if (endpoints.size() > ENDPOINTS) {
            throw new Refusal.LimitExceeded("instance-endpoints", "instance.endpoints", ENDPOINTS, endpoints.size());
        }
        Set<String> names = endpoints.size() > 1 ? new HashSet<>() : Set.of();
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            if (!text(endpoint.name(), 1, SHORT_TEXT_CHARACTERS)) {
                throw invalid(
                        "instance.endpoints[" + i + "].name",
                        endpoint.name(),
                        "be 1.." + SHORT_TEXT_CHARACTERS + " characters, none of them a control character");
            }
            if (!text(endpoint.host(), 1, HOST_CHARACTERS) || endpoint.host().indexOf(' ') >= 0) {
                throw invalid(
                        "instance.endpoints[" + i + "].host",
                        endpoint.host(),
                        "be a host name or address of 1.." + HOST_CHARACTERS + " characters");
            }
            if (endpoint.port() < 1 || endpoint.port() > 65_535) {
                throw invalid("instance.endpoints[" + i + "].port", Integer.toString(endpoint.port()), "be 1..65535");
            }
            if (endpoints.size() > 1 && !names.add(endpoint.name())) {
                throw invalid("instance.endpoints[" + i + "].name", endpoint.name(), "be unique inside the instance");
            }
        }
    }

    private static void metadata(Map<String, String> metadata) {
        if (metadata.size() > METADATA_ENTRIES) {
            throw new Refusal.LimitExceeded("metadata-entries", "instance.metadata", METADATA_ENTRIES, metadata.size());
        }
        entries("metadata-entry-bytes", "instance.metadata", metadata);
    }

    /** @param limit name of the limit that holds for the bytes of key and value together */
    private static void entries(String limit, String field, Map<String, String> entries) {
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            String key = entry.getKey();
            if (!text(key, 1, Integer.MAX_VALUE)) {
                throw invalid(field, key, "have keys of at least one character and without control characters");
            }
            int bytes = InstanceSize.utf8(key) + InstanceSize.utf8(entry.getValue());
            if (bytes > METADATA_ENTRY_BYTES) {
                throw new Refusal.LimitExceeded(
                        limit,
                        field + "[" + (key.length() <= 64 ? key : key.substring(0, 64) + "...") + "]",
                        METADATA_ENTRY_BYTES,
                        bytes);
            }
        }
    }

    private static void name(String field, String value, int max) {
        int length = value.length();
        boolean valid = length >= 1
                && length <= max
                && letterOrDigit(value.charAt(0))
                && letterOrDigit(value.charAt(length - 1));
        for (int i = 1; valid && i < length - 1; i++) {
            char c = value.charAt(i);
            valid = letterOrDigit(c) || c == '.' || c == '_' || c == ':' || c == '@' || c == '-';
        }
        if (!valid) {
            throw invalid(
                    field,
                    value,
                    "be 1.." + max + " characters of [A-Za-z0-9._:@-], starting and ending with a letter or digit");
        }
    }

    private static boolean letterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static void text(String field, String value, int min, int max) {
        if (!text(value, min, max)) {
            throw invalid(field, value, "be " + min + ".." + max + " characters, none of them a control character");
        }
    }

    private static boolean text(String value, int min, int max) {
        boolean valid = value.length() >= min && value.length() <= max;
        for (int i = 0; valid && i < value.length(); i++) {
            valid = !Character.isISOControl(value.charAt(i));
        }
        return valid;
    }

    private static Refusal.InvalidInput invalid(String field, String value, String rule) {
        return new Refusal.InvalidInput(field, value, rule);
    }
}
