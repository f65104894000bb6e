package io.registrycenter.store;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.RemovalReason;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/** Words to JSON. Empty texts and false flags are left out; {@link RecordReader} puts them back. */
final class RecordWriter {

    private static final SerializableString KEY = name("key");
    private static final SerializableString VALUE = name("value");
    private static final SerializableString KIND = name("kind");
    private static final SerializableString SESSION = name("session");
    private static final SerializableString REQUEST = name("request");
    private static final SerializableString PAST = name("past");
    private static final SerializableString SERVICE = name("service");
    private static final SerializableString ID = name("id");
    private static final SerializableString ENDPOINTS = name("endpoints");
    private static final SerializableString NAME = name("name");
    private static final SerializableString HOST = name("host");
    private static final SerializableString PORT = name("port");
    private static final SerializableString TLS = name("tls");
    private static final SerializableString ZONE = name("zone");
    private static final SerializableString WEIGHT = name("weight");
    private static final SerializableString METADATA = name("metadata");
    private static final SerializableString STATUS = name("status");
    private static final SerializableString CREATED = name("created");
    private static final SerializableString REASON = name("reason");
    private static final SerializableString OWNER = name("owner");
    private static final SerializableString FENCE = name("fence");
    private static final SerializableString ATTEMPT = name("attempt");
    private static final SerializableString TTL_MS = name("ttl_ms");
    private static final SerializableString CLIENT = name("client");
    private static final SerializableString VERSION = name("version");
    private static final SerializableString INSTANCE = name("instance");
    private static final SerializableString CLOSING = name("closing");
    private static final SerializableString ADDRESS = name("address");
    private static final SerializableString DRAINING = name("draining");

    private RecordWriter() {}

    static void mutations(JsonGenerator json, List<Mutation> mutations) {
        json.writeStartArray();
        for (Mutation mutation : mutations) {
            mutation(json, mutation);
        }
        json.writeEndArray();
    }

    static void mutation(JsonGenerator json, Mutation mutation) {
        json.writeStartObject();
        text(json, KEY, mutation.key().path());
        RecordValue value = mutation.value();
        if (value != null) {
            json.writeName(VALUE);
            value(json, value);
        }
        json.writeEndObject();
    }

    static void value(JsonGenerator json, RecordValue value) {
        json.writeStartObject();
        switch (value) {
            case RecordValue.InstanceRecord instance -> instance(json, instance);
            case RecordValue.Tombstone tombstone -> tombstone(json, tombstone);
            case RecordValue.SessionRecord session -> session(json, session);
            case RecordValue.NodeRecord node -> node(json, node);
        }
        json.writeEndObject();
    }

    private static void instance(JsonGenerator json, RecordValue.InstanceRecord value) {
        Instance instance = value.instance();
        if (instance.modifiedRevision() != 0) {
            throw new IllegalArgumentException(
                    "the modified revision of an instance is its record's, it is not stored");
        }
        text(json, KIND, RecordReader.INSTANCE);
        text(json, SESSION, value.sessionId());
        text(json, REQUEST, value.requestId());
        text(json, SERVICE, instance.service());
        text(json, ID, instance.id());
        endpoints(json, instance.endpoints());
        text(json, ZONE, instance.zone());
        json.writeName(WEIGHT);
        json.writeNumber(instance.weight());
        if (!instance.metadata().isEmpty()) {
            json.writeName(METADATA);
            json.writeStartObject();
            for (Map.Entry<String, String> entry : instance.metadata().entrySet()) {
                json.writeName(entry.getKey());
                json.writeString(entry.getValue());
            }
            json.writeEndObject();
        }
        text(json, STATUS, instance.status().name());
        if (instance.createdRevision() != 0) {
            json.writeName(CREATED);
            json.writeNumber(instance.createdRevision());
        }
        past(json, value.past());
    }

    private static void past(JsonGenerator json, PastCalls past) {
        if (past.calls().isEmpty()) {
            return;
        }
        json.writeName(PAST);
        json.writeStartArray();
        for (PastCall call : past.calls()) {
            json.writeString(call.text());
        }
        json.writeEndArray();
    }

    private static void endpoints(JsonGenerator json, List<Endpoint> endpoints) {
        if (endpoints.isEmpty()) {
            return;
        }
        json.writeName(ENDPOINTS);
        json.writeStartArray();
        for (Endpoint endpoint : endpoints) {
            json.writeStartObject();
            text(json, NAME, endpoint.name());
            text(json, HOST, endpoint.host());
            json.writeName(PORT);
            json.writeNumber(endpoint.port());
            flag(json, TLS, endpoint.tls());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void tombstone(JsonGenerator json, RecordValue.Tombstone value) {
        text(json, KIND, RecordReader.TOMBSTONE);
        text(json, REASON, value.reason().name());
        text(json, SESSION, value.sessionId());
        text(json, REQUEST, value.requestId());
        past(json, value.past());
    }

    private static void session(JsonGenerator json, RecordValue.SessionRecord value) {
        text(json, KIND, RecordReader.SESSION);
        text(json, OWNER, value.owner());
        json.writeName(FENCE);
        json.writeNumber(value.fence());
        text(json, ATTEMPT, value.attempt());
        json.writeName(TTL_MS);
        json.writeNumber(value.ttlMs());
        ClientInfo client = value.client();
        json.writeName(CLIENT);
        json.writeStartObject();
        text(json, NAME, client.name());
        text(json, VERSION, client.version());
        text(json, INSTANCE, client.instance());
        json.writeEndObject();
        RemovalReason closingFor = value.closingFor();
        if (closingFor != null) {
            flag(json, CLOSING, true);
            text(json, REASON, closingFor.name());
        }
    }

    private static void node(JsonGenerator json, RecordValue.NodeRecord value) {
        text(json, KIND, RecordReader.NODE);
        text(json, ADDRESS, value.address());
        flag(json, DRAINING, value.draining());
    }

    private static void text(JsonGenerator json, SerializableString name, String text) {
        if (!text.isEmpty()) {
            json.writeName(name);
            json.writeString(text);
        }
    }

    private static void flag(JsonGenerator json, SerializableString name, boolean flag) {
        if (flag) {
            json.writeName(name);
            json.writeBoolean(true);
        }
    }

    private static SerializableString name(String text) {
        return new SerializedString(text);
    }
}
