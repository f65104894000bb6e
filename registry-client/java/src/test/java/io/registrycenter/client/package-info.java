/** Proofs of the client as its users see it. */
@NullMarked
package io.registrycenter.client;

import org.jspecify.annotations.NullMarked;
