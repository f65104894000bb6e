/** Faults of the network and of client processes against a live server: what is left afterwards, and what it was called. */
@org.jspecify.annotations.NullMarked
package io.registrycenter.fault;
