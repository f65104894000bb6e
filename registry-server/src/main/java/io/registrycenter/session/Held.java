package io.registrycenter.session;

import io.registrycenter.store.RecordValue.SessionRecord;
import java.time.Duration;

/**
 * What is durable about a session this server watches over.
 *
 * @param revision of the record: the newer of two is the one with the greater
 */
record Held(String sessionId, long revision, long fence, String attempt, Duration ttl) {

    static Held of(String sessionId, long revision, SessionRecord record) {
        return new Held(sessionId, revision, record.fence(), record.attempt(), Duration.ofMillis(record.ttlMs()));
    }

    @Override
    public String toString() {
        return "Held[" + SessionIds.shortened(sessionId) + ", fence=" + fence + "]";
    }
}
