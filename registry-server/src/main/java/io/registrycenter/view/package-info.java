/**
 * What this node knows: the applier, the current state, its freshness.
 *
 * <p>Start at {@link io.registrycenter.view.Applier}, the only writer; read through {@link io.registrycenter.view.View}.
 * Depends on {@code catalog} and {@code store}; plain Java.
 */
@NullMarked
package io.registrycenter.view;

import org.jspecify.annotations.NullMarked;
