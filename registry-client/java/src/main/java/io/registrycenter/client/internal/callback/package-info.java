/**
 * User code is called only from here: in order, one call at a time for each listener, on the user's executor, from bounded
 * queues.
 *
 * <p>Start at {@link io.registrycenter.client.internal.callback.Callbacks}. Depends on the client's words alone.
 */
@NullMarked
package io.registrycenter.client.internal.callback;

import org.jspecify.annotations.NullMarked;
