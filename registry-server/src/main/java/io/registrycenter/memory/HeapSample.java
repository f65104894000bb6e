package io.registrycenter.memory;

/**
 * What the JVM says of its heap at one moment.
 *
 * @param live bytes of the old generation that its last collection left
 * @param max the largest the old generation can be
 * @param collectionMs time that the process stood still for them
 */
public record HeapSample(long live, long max, long collectionMs) {}
