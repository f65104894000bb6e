/**
 * The one durable, ordered history behind one small interface.
 *
 * <p>Start at {@link io.registrycenter.store.Store}. Depends on {@code catalog}. Engines ({@code store.sqlite}, {@code store.etcd}) plug in from
 * the side and never see each other; only {@code config} chooses one.
 */
@NullMarked
package io.registrycenter.store;

import org.jspecify.annotations.NullMarked;
