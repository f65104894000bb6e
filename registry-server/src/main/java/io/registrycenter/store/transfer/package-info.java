/**
 * Moves what a store holds to another one, through a file that people can read.
 *
 * <p>Start at {@link io.registrycenter.store.transfer.Export} and {@link io.registrycenter.store.transfer.Import}. Depends on
 * {@code store} and {@code catalog}; knows no engine.
 */
@NullMarked
package io.registrycenter.store.transfer;

import org.jspecify.annotations.NullMarked;
