package io.registrycenter.e2e.swarm;

import io.registrycenter.client.Instance;
import java.util.List;

/** A view in a word, equal where views are: for comparing those of many watchers. */
public final class ViewDigest {

    private ViewDigest() {}

    /** How many instances, and a hash of what they are and where they were changed. */
    public static String of(List<Instance> instances) {
        List<String> all = instances.stream()
                .map(instance -> instance.service() + "/" + instance.id() + "@" + instance.modifiedRevision() + " "
                        + instance.status())
                .sorted()
                .toList();
        return all.size() + ":" + Integer.toHexString(all.hashCode());
    }
}
