package io.registrycenter.client;

/**
 * One service of a namespace.
 *
 * @param instances how many are registered
 * @param up how many of those have status UP
 */
public record ServiceSummary(String name, int instances, int up) {}
