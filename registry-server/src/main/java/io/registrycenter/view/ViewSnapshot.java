package io.registrycenter.view;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import java.util.List;

/**
 * The instances an interest matches, at exactly one revision. Immutable.
 *
 * @param instances sorted by service, then id
 */
public record ViewSnapshot(Cursor cursor, List<Instance> instances) {}
