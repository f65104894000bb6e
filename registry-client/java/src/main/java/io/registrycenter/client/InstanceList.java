package io.registrycenter.client;

import java.util.List;

/**
 * The instances an interest matches at one revision.
 *
 * @param instances by service, then id
 * @param stale whether the server had lost its store and told the last it knew
 */
public record InstanceList(Cursor cursor, List<Instance> instances, boolean stale) {

    public InstanceList {
        instances = List.copyOf(instances);
    }
}
