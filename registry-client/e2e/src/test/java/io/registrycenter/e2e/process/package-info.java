/**
 * Real processes and what they say: the programs under test, a line of output, metrics, and the size of a proof. Starts at
 * {@link io.registrycenter.e2e.process.Programs}; uses none of the other packages.
 */
package io.registrycenter.e2e.process;
