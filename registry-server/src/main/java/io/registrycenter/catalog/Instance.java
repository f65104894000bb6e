package io.registrycenter.catalog;

import java.util.List;
import java.util.Map;

/**
 * One running provider of a service. Immutable.
 *
 * @param service name of its service
 * @param id unique inside the service
 * @param endpoints at most 16, in the order the provider gave
 * @param zone where it runs; may be empty
 * @param weight share of work relative to others, 0..10000
 * @param metadata at most 64 entries; label interests match these
 * @param status whether it may be chosen
 * @param createdRevision revision of the registration that made it; 0 while not stored yet
 * @param modifiedRevision revision of its last change; 0 while not stored yet
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

    /** The same instance, stored at these revisions. */
    public Instance at(long created, long modified) {
        return new Instance(service, id, endpoints, zone, weight, metadata, status, created, modified);
    }

    /** The same instance with another status. */
    public Instance with(InstanceStatus newStatus) {
        return new Instance(
                service, id, endpoints, zone, weight, metadata, newStatus, createdRevision, modifiedRevision);
    }

    /** Whether what the provider said is equal; the revisions, which the server sets, are left aside. */
    public boolean sameAs(Instance other) {
        return at(0, 0).equals(other.at(0, 0));
    }
}
