/**
 * Spring wiring and validated properties; the only place that chooses an engine.
 *
 * <p>Start at {@link io.registrycenter.config.CoreWiring}, which shows the one road from the store to the wire, and at
 * {@link io.registrycenter.config.Settings} for everything that can be set. Depends on everything; nothing but the main class
 * depends on it.
 */
@NullMarked
package io.registrycenter.config;

import org.jspecify.annotations.NullMarked;
