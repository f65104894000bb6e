/**
 * What the kernel knows about this server's sockets, for whoever is on call.
 *
 * <p>Start at {@link io.registrycenter.observe.sockets.SocketReader}, which reads {@code /proc} on Linux and has nothing to say
 * elsewhere; {@link io.registrycenter.observe.sockets.SocketFacts} are the numbers, {@link
 * io.registrycenter.observe.sockets.SocketAdvice} says in sentences what stands out. Depends on nothing of ours.
 */
@NullMarked
package io.registrycenter.observe.sockets;

import org.jspecify.annotations.NullMarked;
