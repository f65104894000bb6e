package io.registrycenter.client.internal.cache;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Interest;
import java.time.Instant;
import java.util.List;

/**
 * A view as it outlives its process.
 *
 * @param instances all of them, the held ones among them
 * @param held how many of the first instances a registry with another history did not have
 * @param provenAt when something proved it current last, by the wall clock: the only clock that two processes share
 */
public record CachedView(Interest interest, Cursor cursor, List<Instance> instances, int held, Instant provenAt) {

    public CachedView {
        instances = List.copyOf(instances);
        if (held < 0 || held > instances.size()) {
            throw new IllegalArgumentException("held must be 0.." + instances.size() + ", was " + held);
        }
    }

    public List<Instance> heldInstances() {
        return instances.subList(0, held);
    }
}
