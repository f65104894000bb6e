/**
 * The embedded engine: one SQLite file, WAL, synchronous=FULL, one writer thread with group commit.
 *
 * <p>Start at {@link io.registrycenter.store.sqlite.SqliteStore}, which draws the whole; {@code Recovery} says what is checked
 * before anything is served. Depends on {@code store}; nothing but {@code config} knows it.
 */
@NullMarked
package io.registrycenter.store.sqlite;

import org.jspecify.annotations.NullMarked;
