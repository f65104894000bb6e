/**
 * The words of the domain as immutable values.
 *
 * <p>Start at {@link io.registrycenter.catalog.Instance} and {@link io.registrycenter.catalog.Interest}. Depends on the JDK
 * alone; everything else depends on it. {@link io.registrycenter.catalog.Refusal} is the closed family of errors that a
 * caller can be told.
 */
@NullMarked
package io.registrycenter.catalog;

import org.jspecify.annotations.NullMarked;
