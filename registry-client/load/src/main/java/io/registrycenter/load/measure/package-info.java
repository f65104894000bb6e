/** Figures and how they are told: one JSON line each on stdout. Start at {@link Figures}. Uses nothing of this program. */
@NullMarked
package io.registrycenter.load.measure;

import org.jspecify.annotations.NullMarked;
