package io.registrycenter.store;

import org.jspecify.annotations.Nullable;

/**
 * One record written or deleted.
 *
 * @param value what is put; null: the record is deleted, which no watcher ever sees (removals are {@code Tombstone} puts)
 */
public record Mutation(RecordKey key, @Nullable RecordValue value) {}
