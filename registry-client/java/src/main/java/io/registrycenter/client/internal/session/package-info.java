/**
 * Keeps instances registered: one session for the client, a keeper for each instance.
 *
 * <p>Start at {@link io.registrycenter.client.internal.session.Keepers}. Uses {@code link}, {@code wire}, {@code callback}.
 */
@NullMarked
package io.registrycenter.client.internal.session;

import org.jspecify.annotations.NullMarked;
