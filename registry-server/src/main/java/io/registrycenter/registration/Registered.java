package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;

/**
 * Answer to a register.
 *
 * @param cursor where the registration took effect
 * @param instance as stored, with its revisions
 */
public record Registered(Cursor cursor, Instance instance) {}
