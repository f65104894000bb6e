package io.registrycenter.client.internal.watch;

import io.registrycenter.client.Instance;

/** Which instance of a namespace. Sorted by service, then id. */
record InstanceName(String service, String id) implements Comparable<InstanceName> {

    static InstanceName of(Instance instance) {
        return new InstanceName(instance.service(), instance.id());
    }

    @Override
    public int compareTo(InstanceName other) {
        int byService = service.compareTo(other.service);
        return byService != 0 ? byService : id.compareTo(other.id);
    }
}
