/**
 * The same use cases over HTTP, and the operators' endpoints.
 *
 * <p>Start at {@link io.registrycenter.http.CatalogController}; errors become RFC 9457 problems in
 * {@link io.registrycenter.http.Problems}. The operators' endpoints end in {@code Endpoint}: what is open, why things ended,
 * which timeouts hold, who is alive, what the kernel knows. Depends on {@code catalog}, {@code view}, {@code watch},
 * {@code session} and {@code observe}. Handlers answer with Mono or Flux and never block.
 */
@NullMarked
package io.registrycenter.http;

import org.jspecify.annotations.NullMarked;
