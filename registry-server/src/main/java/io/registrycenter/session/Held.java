package io.registrycenter.session;

import io.registrycenter.store.RecordValue.SessionRecord;
import java.time.Duration;

/** What is durable about a session this server watches over. */
record Held(String sessionId, long fence, String attempt, Duration ttl) {

    static Held of(String sessionId, SessionRecord record) {
        return new Held(sessionId, record.fence(), record.attempt(), Duration.ofMillis(record.ttlMs()));
    }

    @Override
    public String toString() {
        return "Held[" + SessionIds.shortened(sessionId) + ", fence=" + fence + "]";
    }
}
