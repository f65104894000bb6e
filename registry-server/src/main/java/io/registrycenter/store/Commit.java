package io.registrycenter.store;

import java.util.List;

/**
 * All mutations that share one revision: of one transaction, or of several that an engine made durable together. No record
 * twice.
 *
 * @param revision grows from commit to commit; gaps are normal
 * @param mutations at least one
 */
public record Commit(long revision, List<Mutation> mutations) {}
