/**
 * User code is called only from here: in order, one call at a time for each listener, never on a thread that the client works
 * with, from bounded queues; whatever it or its executor does, the next call comes.
 *
 * <p>Start at {@link io.registrycenter.client.internal.callback.Callbacks}; {@link
 * io.registrycenter.client.internal.callback.Turn} has the states of a listener's queue. Depends on the client's words alone.
 */
@NullMarked
package io.registrycenter.client.internal.callback;

import org.jspecify.annotations.NullMarked;
