/**
 * The way to the servers: channels, targets, and the one state machine of a stream that always comes back.
 *
 * <p>Start at {@link io.registrycenter.client.internal.link.LinkMachine}. Uses {@code wire} and {@code callback}; knows nothing of
 * watches and sessions, which plug in as {@link io.registrycenter.client.internal.link.Protocol}.
 */
@NullMarked
package io.registrycenter.client.internal.link;

import org.jspecify.annotations.NullMarked;
