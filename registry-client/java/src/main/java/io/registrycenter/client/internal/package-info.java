/**
 * Puts the client together. Start at {@link io.registrycenter.client.internal.Clients}. Nothing here is for users.
 */
@NullMarked
package io.registrycenter.client.internal;

import org.jspecify.annotations.NullMarked;
