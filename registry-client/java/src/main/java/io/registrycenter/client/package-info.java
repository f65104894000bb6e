/**
 * Registers instances and watches services; plain Java, no framework.
 *
 * <p>Start at {@link io.registrycenter.client.RegistryClient}. These are the words users see; how they are kept is in
 * {@code internal}, which depends on this package. The only arrow the other way is the builder, which makes the client.
 * Generated classes never appear here.
 */
@NullMarked
package io.registrycenter.client;

import org.jspecify.annotations.NullMarked;
