/** The meters of a client, with and without Micrometer on the class path. */
@NullMarked
package io.registrycenter.client.metrics;

import org.jspecify.annotations.NullMarked;
