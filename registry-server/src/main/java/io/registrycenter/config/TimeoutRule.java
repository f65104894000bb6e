package io.registrycenter.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A rule between timeouts, with the values it was asked for.
 *
 * @param formula of properties, as in {@code docs/configuration.md}
 * @param numbers the same with places for the two values
 * @param property what must change when it is broken
 * @param value of that property
 * @param must as a phrase after "must be" that names the other property
 * @param other value of the other side; null: it is not set, so the rule is not checked
 * @param holds meaningless when it is not checked
 * @param otherwise what breaks when it does not hold, as a phrase after a comma
 */
record TimeoutRule(
        String formula,
        String numbers,
        String property,
        Duration value,
        String must,
        @Nullable Duration other,
        boolean holds,
        String otherwise) {

    private static final String OR = "or ";

    boolean checked() {
        return other != null;
    }

    /** The formula with the values in it. */
    String withValues() {
        return numbers.formatted(Notation.of(value), other == null ? "(not set)" : Notation.of(other));
    }

    /** What breaks when it does not hold, as a sentence's end. */
    String reason() {
        return otherwise.startsWith(OR) ? otherwise.substring(OR.length()) : otherwise;
    }

    /** One sentence with both values and the rule. */
    String sentence() {
        return property + " (" + Notation.of(value) + ") must be " + must + " ("
                + (other == null ? "not set" : Notation.of(other)) + "), " + otherwise + ".";
    }
}
