/**
 * Fan-out: every watcher is a cursor on the history of its scope.
 *
 * <p>Start at {@link io.registrycenter.watch.Hub}; a stream is a {@link io.registrycenter.watch.WatchStream}. What is needed
 * from the wire is declared here ({@link io.registrycenter.watch.Encoding}, {@link io.registrycenter.watch.Outlet}) and
 * implemented in {@code grpc}. Depends on {@code catalog} and {@code view}; plain Java.
 */
@NullMarked
package io.registrycenter.watch;

import org.jspecify.annotations.NullMarked;
