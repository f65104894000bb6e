/**
 * Remembers the views of a client's watches on disk, so that a program that starts while no registry can be reached has its
 * last view.
 *
 * <p>Start at {@link io.registrycenter.client.internal.cache.ViewCache}. Depends on the client's words, on {@code wire} for
 * their bytes and on {@code link} for time; knows no stream.
 */
@NullMarked
package io.registrycenter.client.internal.cache;

import org.jspecify.annotations.NullMarked;
