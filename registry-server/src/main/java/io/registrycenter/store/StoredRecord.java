package io.registrycenter.store;

/**
 * A record as it stands.
 *
 * @param revision of the commit that last wrote it
 */
public record StoredRecord(RecordKey key, long revision, RecordValue value) {}
