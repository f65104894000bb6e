package io.registrycenter.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One running provider of a service. Immutable.
 *
 * @param service name of its service; empty in an instance that was not read from the registry
 * @param id unique inside the service
 * @param endpoints in the order the provider gave
 * @param zone where it runs; may be empty
 * @param weight share of work relative to others, 0..10000
 * @param metadata label interests match these
 * @param status whether it may be chosen
 * @param createdRevision revision of the registration that made it; 0 when not read from the registry
 * @param modifiedRevision revision of its last change; 0 when not read from the registry
 */
public record Instance(
        String service,
        String id,
        List<Endpoint> endpoints,
        String zone,
        int weight,
        Map<String, String> metadata,
        InstanceStatus status,
        long createdRevision,
        long modifiedRevision) {

    public static final int DEFAULT_WEIGHT = 100;

    public Instance {
        endpoints = List.copyOf(endpoints);
        metadata = Map.copyOf(metadata);
    }

    public static Builder builder(String id) {
        return new Builder(id);
    }

    /** The same instance with another status. */
    public Instance withStatus(InstanceStatus newStatus) {
        return new Instance(
                service, id, endpoints, zone, weight, metadata, newStatus, createdRevision, modifiedRevision);
    }

    /** Whether what the provider said is equal; service and revisions, which the registry sets, are left aside. */
    public boolean sameAs(Instance other) {
        return id.equals(other.id)
                && endpoints.equals(other.endpoints)
                && zone.equals(other.zone)
                && weight == other.weight
                && metadata.equals(other.metadata)
                && status == other.status;
    }

    /** Collects what a provider says about itself. Confined to one thread. */
    public static final class Builder {
        private final String id;
        private final List<Endpoint> endpoints = new ArrayList<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private String zone = "";
        private int weight = DEFAULT_WEIGHT;
        private InstanceStatus status = InstanceStatus.UP;

        private Builder(String id) {
            this.id = id;
        }

        public Builder endpoint(String name, String host, int port) {
            return endpoint(new Endpoint(name, host, port, false));
        }

        public Builder endpoint(Endpoint endpoint) {
            endpoints.add(endpoint);
            return this;
        }

        public Builder zone(String newZone) {
            zone = newZone;
            return this;
        }

        /** Share of work relative to others, 0..10000; default 100. */
        public Builder weight(int newWeight) {
            weight = newWeight;
            return this;
        }

        public Builder metadata(String key, String value) {
            metadata.put(key, value);
            return this;
        }

        public Builder metadata(Map<String, String> entries) {
            metadata.putAll(entries);
            return this;
        }

        /** Default: {@link InstanceStatus#UP}. */
        public Builder status(InstanceStatus newStatus) {
            status = newStatus;
            return this;
        }

        public Instance build() {
            return new Instance("", id, endpoints, zone, weight, metadata, status, 0, 0);
        }
    }
}
