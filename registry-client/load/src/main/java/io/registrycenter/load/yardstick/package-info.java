/**
 * The yardstick: what bare grpc-netty can do with this wire contract and no registry behind it. Maps for state, nothing
 * durable, no limits, no liveness; bytes encoded once and shared, a direct executor, one drain task per event loop and
 * topic, commits concatenated when a stream is behind. Start at {@link YardstickServer}; a {@link Topic} is a service.
 * Uses {@code wire} for its event loops only.
 */
@NullMarked
package io.registrycenter.load.yardstick;

import org.jspecify.annotations.NullMarked;
