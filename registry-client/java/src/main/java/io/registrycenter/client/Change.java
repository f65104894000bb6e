package io.registrycenter.client;

import org.jspecify.annotations.Nullable;

/** What happened to one instance of a view. */
public sealed interface Change {

    String service();

    String instanceId();

    /** Where it happened; for a removal learned from a snapshot the revision of the snapshot. */
    long revision();

    /**
     * The instance is new or changed; this is all of it.
     *
     * @param previous as it was in the view before; null when it is new there
     */
    record Put(Instance instance, @Nullable Instance previous, long revision) implements Change {
        @Override
        public String service() {
            return instance.service();
        }

        @Override
        public String instanceId() {
            return instance.id();
        }
    }

    /**
     * The instance is gone.
     *
     * @param previous as it was in the view before
     */
    record Removal(Instance previous, RemovalReason reason, long revision) implements Change {
        @Override
        public String service() {
            return previous.service();
        }

        @Override
        public String instanceId() {
            return previous.id();
        }
    }
}
