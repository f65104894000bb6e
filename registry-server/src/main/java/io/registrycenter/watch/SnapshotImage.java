package io.registrycenter.watch;

import java.util.List;

/**
 * The complete state of one interest at one revision, encoded once and shared by every stream that is told. Immutable.
 *
 * @param parts at least one
 * @param total instances in all parts
 * @param builtNanos when, on the hub's clock
 */
record SnapshotImage(long revision, List<Encoding.Part> parts, int total, long builtNanos) {}
