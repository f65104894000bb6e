package io.registrycenter.store;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * JSON to words. Fields may come in any order; unknown ones are passed over.
 *
 * <p>An instance of it holds the fields of one record value, until its kind is known.
 */
final class RecordReader {

    static final String INSTANCE = "instance";
    static final String TOMBSTONE = "tombstone";
    static final String SESSION = "session";
    static final String NODE = "node";

    private String kind = "";
    private String session = "";
    private String request = "";
    private PastCalls past = PastCalls.NONE;
    private String service = "";
    private String id = "";
    private List<Endpoint> endpoints = List.of();
    private String zone = "";
    private int weight;
    private Map<String, String> metadata = Map.of();
    private String status = "";
    private long created;
    private String reason = "";
    private String owner = "";
    private long fence;
    private String attempt = "";
    private long ttlMs;
    private ClientInfo client = ClientInfo.UNKNOWN;
    private boolean closing;
    private String address = "";
    private boolean draining;

    private RecordReader() {}

    static Commit commit(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        long revision = 0;
        List<Mutation> mutations = List.of();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.nextToken();
            switch (name) {
                case "revision" -> revision = json.getLongValue();
                case "mutations" -> mutations = mutations(json);
                default -> json.skipChildren();
            }
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        if (revision <= 0 || mutations.isEmpty()) {
            throw new IllegalArgumentException("a commit without a revision or mutations");
        }
        return new Commit(revision, mutations);
    }

    private static List<Mutation> mutations(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_ARRAY);
        List<Mutation> mutations = new ArrayList<>(1);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            mutations.add(mutation(json));
        }
        return List.copyOf(mutations);
    }

    static Mutation mutation(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        String key = "";
        RecordValue value = null;
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.nextToken();
            switch (name) {
                case "key" -> key = json.getString();
                case "value" -> value = value(json);
                default -> json.skipChildren();
            }
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        return new Mutation(RecordKey.parse(key), value);
    }

    /** The value that begins at the current token. */
    static RecordValue value(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        RecordReader fields = new RecordReader();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.nextToken();
            fields.take(name, json);
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        return fields.made();
    }

    private void take(String name, JsonParser json) {
        switch (name) {
            case "kind" -> kind = json.getString();
            case "session" -> session = json.getString();
            case "request" -> request = json.getString();
            case "past" -> past = past(json);
            case "service" -> service = json.getString();
            case "id" -> id = json.getString();
            case "endpoints" -> endpoints = endpoints(json);
            case "zone" -> zone = json.getString();
            case "weight" -> weight = json.getIntValue();
            case "metadata" -> metadata = texts(json);
            case "status" -> status = json.getString();
            case "created" -> created = json.getLongValue();
            case "reason" -> reason = json.getString();
            case "owner" -> owner = json.getString();
            case "fence" -> fence = json.getLongValue();
            case "attempt" -> attempt = json.getString();
            case "ttl_ms" -> ttlMs = json.getLongValue();
            case "client" -> client = client(json);
            case "closing" -> closing = json.getBooleanValue();
            case "address" -> address = json.getString();
            case "draining" -> draining = json.getBooleanValue();
            default -> json.skipChildren();
        }
    }

    private RecordValue made() {
        return switch (kind) {
            case INSTANCE ->
                new RecordValue.InstanceRecord(
                        new Instance(
                                service,
                                id,
                                endpoints,
                                zone,
                                weight,
                                metadata,
                                InstanceStatus.valueOf(status),
                                created,
                                0),
                        session,
                        request,
                        past);
            case TOMBSTONE -> new RecordValue.Tombstone(RemovalReason.valueOf(reason), session, request, past);
            case SESSION -> new RecordValue.SessionRecord(owner, fence, attempt, ttlMs, client, closingFor());
            case NODE -> new RecordValue.NodeRecord(address, draining);
            default -> throw new IllegalArgumentException("a record of unknown kind \"" + kind + "\"");
        };
    }

    /** A record that is closing without a reason was written before reasons were: expiry was the usual one. */
    private @Nullable RemovalReason closingFor() {
        if (!closing) {
            return null;
        }
        return reason.isEmpty() ? RemovalReason.SESSION_EXPIRED : RemovalReason.valueOf(reason);
    }

    private static List<Endpoint> endpoints(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_ARRAY);
        List<Endpoint> endpoints = new ArrayList<>(2);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            endpoints.add(endpoint(json));
        }
        return endpoints;
    }

    private static Endpoint endpoint(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        String endpointName = "";
        String host = "";
        int port = 0;
        boolean tls = false;
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.nextToken();
            switch (name) {
                case "name" -> endpointName = json.getString();
                case "host" -> host = json.getString();
                case "port" -> port = json.getIntValue();
                case "tls" -> tls = json.getBooleanValue();
                default -> json.skipChildren();
            }
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        return new Endpoint(endpointName, host, port, tls);
    }

    private static Map<String, String> texts(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        Map<String, String> texts = new HashMap<>();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            expect(json, json.nextToken(), JsonToken.VALUE_STRING);
            texts.put(name, json.getString());
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        return texts;
    }

    private static PastCalls past(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_ARRAY);
        List<PastCall> calls = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            calls.add(PastCall.parse(json.getString()));
        }
        return new PastCalls(calls);
    }

    private static ClientInfo client(JsonParser json) {
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        String clientName = "";
        String version = "";
        String instance = "";
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.nextToken();
            switch (name) {
                case "name" -> clientName = json.getString();
                case "version" -> version = json.getString();
                case "instance" -> instance = json.getString();
                default -> json.skipChildren();
            }
        }
        expect(json, json.currentToken(), JsonToken.END_OBJECT);
        return new ClientInfo(clientName, version, instance);
    }

    static void expect(JsonParser json, @Nullable JsonToken found, JsonToken wanted) {
        if (found != wanted) {
            throw new IllegalArgumentException("expected " + wanted + ", found " + found + " at byte "
                    + json.currentTokenLocation().getByteOffset());
        }
    }
}
