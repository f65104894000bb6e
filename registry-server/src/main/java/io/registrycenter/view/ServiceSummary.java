package io.registrycenter.view;

/**
 * A service that has instances.
 *
 * @param up how many of its instances may be chosen
 */
public record ServiceSummary(String name, int instances, int up) {}
