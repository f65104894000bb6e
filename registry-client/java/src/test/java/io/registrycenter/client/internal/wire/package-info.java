/** What errors mean, and that the words of the client are those of the wire. */
@NullMarked
package io.registrycenter.client.internal.wire;

import org.jspecify.annotations.NullMarked;
