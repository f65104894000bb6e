/**
 * The smallest gRPC client that can load a server: HTTP/2 frames in and out, messages walked instead of parsed.
 *
 * <p>It exists because the generator shares the machine with the server it measures: what it spends is taken from the
 * figures. Netty moves the bytes and packs the headers; the rest is here. Start at {@link Connection}; a {@link Call}
 * is one stream on it, {@link ProtoWalker} reads what arrives. Everything is confined to the connection's event loop
 * unless a method says otherwise. Uses nothing of this program.
 */
@NullMarked
package io.registrycenter.load.wire;

import org.jspecify.annotations.NullMarked;
