/** Replica and timeout contract, as plain values. */
@NullMarked
package io.registrycenter.client.internal.watch;

import org.jspecify.annotations.NullMarked;
