/**
 * Counts what happens to a client. Start at {@link io.registrycenter.client.internal.stats.Counters}. Depends on the
 * client's words alone.
 */
@NullMarked
package io.registrycenter.client.internal.stats;

import org.jspecify.annotations.NullMarked;
