/**
 * Register, deregister and status changes: each one guarded transaction, each acknowledged with a revision.
 *
 * <p>Start at {@link io.registrycenter.registration.Registrations}. Depends on {@code catalog}, {@code store} and
 * {@code view}; plain Java.
 */
@NullMarked
package io.registrycenter.registration;

import org.jspecify.annotations.NullMarked;
