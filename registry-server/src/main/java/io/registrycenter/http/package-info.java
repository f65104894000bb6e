/**
 * The same use cases over HTTP, and the operators' endpoints.
 *
 * <p>Start at {@link io.registrycenter.http.CatalogController}; errors become RFC 9457 problems in
 * {@link io.registrycenter.http.Problems}. Depends on {@code view} and {@code catalog}. Handlers answer with Mono or Flux and never
 * block.
 */
@NullMarked
package io.registrycenter.http;

import org.jspecify.annotations.NullMarked;
