package io.registrycenter.config;

import java.time.Duration;

/** Values as one would write them in a properties file. */
final class Notation {

    private Notation() {}

    static String of(Object value) {
        if (value instanceof Duration duration) {
            return of(duration);
        }
        return value.toString();
    }

    private static String of(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        return seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds / 60 + "m";
    }
}
