/**
 * Wire to words and back, and what errors mean: the one place for both. Start at {@link io.registrycenter.client.internal.wire.Words}.
 *
 * <p>Depends on the client's words, on gRPC and on generated classes; knows no stream, no thread, no time.
 */
@NullMarked
package io.registrycenter.client.internal.wire;

import org.jspecify.annotations.NullMarked;
