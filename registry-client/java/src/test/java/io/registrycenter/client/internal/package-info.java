/**
 * The client against a server that does what a test tells it, in a world whose time, randomness and threads the test owns.
 *
 * <p>Start at {@link io.registrycenter.client.internal.FakeWorld}.
 */
@NullMarked
package io.registrycenter.client.internal;

import org.jspecify.annotations.NullMarked;
