/**
 * Fan-out: every watcher is a cursor on the history of its scope.
 *
 * <p>Start at {@link io.registrycenter.watch.Hub}; a stream is a {@link io.registrycenter.watch.WatchStream}, a subscription a
 * place on a ring. A commit goes from the applier thread to the history (rings, encoded once), to lanes (one for each event loop
 * that serves connections), to the outbox of each stream, to its {@link io.registrycenter.watch.Outlet}. What is needed from the
 * wire is declared here ({@link io.registrycenter.watch.Encoding}, {@code Outlet}) and implemented in {@code grpc}. Depends on
 * {@code catalog} and {@code view}; plain Java.
 */
@NullMarked
package io.registrycenter.watch;

import org.jspecify.annotations.NullMarked;
