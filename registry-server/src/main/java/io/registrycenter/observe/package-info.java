/**
 * Names of metrics, health and log fields in one place.
 *
 * <p>Start at {@link io.registrycenter.observe.Meters}. Depends on nothing of ours: what it shows is handed to it as numbers, but
 * for what the kernel knows, which {@link io.registrycenter.observe.sockets} reads.
 */
@NullMarked
package io.registrycenter.observe;

import org.jspecify.annotations.NullMarked;
