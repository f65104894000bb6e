package io.registrycenter.client.internal.session;

/** Which instance: its namespace, its service and its id there. */
record InstanceKey(String namespace, String service, String id) {

    @Override
    public String toString() {
        return namespace + "/" + service + "/" + id;
    }
}
