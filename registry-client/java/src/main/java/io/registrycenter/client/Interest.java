package io.registrycenter.client;

import java.util.Map;

/**
 * What a watcher or reader wants to know about.
 *
 * @param namespace the tenant
 * @param service one service, or empty for every service of the namespace
 * @param labels entries that an instance's metadata must all contain, compared for equality
 */
public record Interest(String namespace, String service, Map<String, String> labels) {

    public Interest {
        labels = Map.copyOf(labels);
    }

    /** One service. */
    public static Interest service(String namespace, String service) {
        return new Interest(namespace, service, Map.of());
    }

    /** Every service of a namespace. */
    public static Interest namespace(String namespace) {
        return new Interest(namespace, "", Map.of());
    }

    /** The same, narrowed to instances whose metadata contain all of these. */
    public Interest withLabels(Map<String, String> required) {
        return new Interest(namespace, service, required);
    }

    @Override
    public String toString() {
        return namespace + "/" + (service.isEmpty() ? "*" : service) + (labels.isEmpty() ? "" : labels.toString());
    }
}
