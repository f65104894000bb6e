package io.registrycenter.catalog;

import java.util.Map;

/**
 * What a watcher or reader wants to know about.
 *
 * @param namespace the tenant
 * @param service one service, or empty for the whole namespace
 * @param labels entries that an instance's metadata must all contain
 */
public record Interest(String namespace, String service, Map<String, String> labels) {

    public Interest {
        labels = Map.copyOf(labels);
    }

    public boolean wholeNamespace() {
        return service.isEmpty();
    }

    /** Whether it narrows its scope by labels. */
    public boolean filtered() {
        return !labels.isEmpty();
    }

    /** Whether the labels match; the namespace and service are taken as given by the scope. */
    public boolean matches(Instance instance) {
        if (labels.isEmpty()) {
            return true;
        }
        Map<String, String> metadata = instance.metadata();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (!label.getValue().equals(metadata.get(label.getKey()))) {
                return false;
            }
        }
        return true;
    }
}
