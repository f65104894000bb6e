package io.registrycenter.catalog;

/** Which instance: its namespace, its service and its id there. */
public record InstanceKey(String namespace, String service, String id) {

    @Override
    public String toString() {
        return namespace + "/" + service + "/" + id;
    }
}
