/**
 * Wire to words and back; pumps frames while a stream is ready; learns why a transport ended.
 *
 * <p>Start at {@link io.registrycenter.grpc.WatchCalls} for streams and {@link io.registrycenter.grpc.RegistrationCalls} for
 * unary calls. {@link io.registrycenter.grpc.WireWords} and {@link io.registrycenter.grpc.WordsWire} are the one place each
 * way for values, {@link io.registrycenter.grpc.WireErrors} for errors; {@link io.registrycenter.grpc.GrpcTransport} is the
 * one place that knows Netty. Depends on {@code watch}, {@code session}, {@code registration} and {@code view}; nobody but
 * {@code config} depends on it. Everything runs on event loops, so nothing here blocks.
 */
@NullMarked
package io.registrycenter.grpc;

import org.jspecify.annotations.NullMarked;
