package io.registrycenter.store;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.RemovalReason;
import org.jspecify.annotations.Nullable;

/** What a record holds. Immutable; engines keep it as the bytes of {@link RecordCodec}. */
public sealed interface RecordValue {

    /**
     * A registered instance.
     *
     * @param instance {@code modifiedRevision} is always 0 here (it is the record's revision); {@code createdRevision} is 0
     *     when the commit that wrote this record also made the instance
     * @param sessionId the session that keeps it alive
     * @param requestId of the call that wrote it; may be empty
     * @param past the calls before it
     */
    record InstanceRecord(Instance instance, String sessionId, String requestId, PastCalls past)
            implements RecordValue {

        /** One that remembers no calls. */
        public InstanceRecord(Instance instance, String sessionId, String requestId) {
            this(instance, sessionId, requestId, PastCalls.NONE);
        }

        /** The instance with its revisions, given the revision of the commit that wrote this record. */
        public Instance storedAt(long revision) {
            long created = instance.createdRevision();
            return instance.at(created == 0 ? revision : created, revision);
        }
    }

    /**
     * An instance that was removed, and why. Swept later, in silence.
     *
     * @param sessionId who held it
     * @param requestId of the call that removed it; empty when no call did
     * @param past the calls before it
     */
    record Tombstone(RemovalReason reason, String sessionId, String requestId, PastCalls past) implements RecordValue {

        /** One that remembers no calls. */
        public Tombstone(RemovalReason reason, String sessionId, String requestId) {
            this(reason, sessionId, requestId, PastCalls.NONE);
        }
    }

    /**
     * A session.
     *
     * @param owner the server process that watches over it: node name and a number new with each start
     * @param fence grows with every adoption
     * @param attempt of the resume that made the newest adoption; empty after an open
     * @param ttlMs silence allowed
     * @param closingFor why its instances are being removed, in batches: it takes no more, and whoever finishes the removal
     *     gives this reason; null while it is open
     */
    record SessionRecord(
            String owner,
            long fence,
            String attempt,
            long ttlMs,
            ClientInfo client,
            @Nullable RemovalReason closingFor) implements RecordValue {

        public boolean closing() {
            return closingFor != null;
        }
    }

    /**
     * A server process that is alive.
     *
     * @param address where its clients reach it; may be empty
     * @param draining it is leaving
     */
    record NodeRecord(String address, boolean draining) implements RecordValue {}
}
