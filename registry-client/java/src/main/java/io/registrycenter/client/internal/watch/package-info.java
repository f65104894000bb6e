/**
 * Keeps views current: replica, subscription, and the grammar of the watch stream.
 *
 * <p>Start at {@link io.registrycenter.client.internal.watch.Watches}. Uses {@code link}, {@code wire}, {@code callback}.
 */
@NullMarked
package io.registrycenter.client.internal.watch;

import org.jspecify.annotations.NullMarked;
