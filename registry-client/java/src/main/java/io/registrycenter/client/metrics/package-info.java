/**
 * The client's numbers as Micrometer meters. Nothing else in the client refers to this package, so that Micrometer is needed
 * only where it is used. Start at {@link io.registrycenter.client.metrics.RegistryClientMetrics}.
 */
@NullMarked
package io.registrycenter.client.metrics;

import org.jspecify.annotations.NullMarked;
