/**
 * Who is alive: heartbeats in memory, ownership, adoption, expiry, brake.
 *
 * <p>Start at {@link io.registrycenter.session.Sessions}; a stream of a client is a {@link io.registrycenter.session.SessionLink}
 * that talks back through a {@link io.registrycenter.session.SessionOutlet}, which {@code grpc} implements. Depends on
 * {@code catalog}, {@code store} and {@code view}; plain Java.
 */
@NullMarked
package io.registrycenter.session;

import org.jspecify.annotations.NullMarked;
