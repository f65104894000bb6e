/**
 * Moves every client elsewhere, spread over time, then lets the server stop.
 *
 * <p>Start at {@link io.registrycenter.drain.Drain}; what it moves is declared in {@link io.registrycenter.drain.Connections} and
 * implemented in {@code grpc}. Plain Java, moved by ticks on a clock that is passed in. Depends on {@code catalog}; stands
 * above {@code watch}, {@code session} and {@code registration}, below {@code grpc} and {@code http}.
 */
@NullMarked
package io.registrycenter.drain;

import org.jspecify.annotations.NullMarked;
