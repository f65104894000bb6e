package io.registrycenter.load;

/** How much work a command does when the options say nothing. */
enum Size {
    /** Seconds: does it run at all. */
    SMALL,
    /** The figures to compare and to write down. */
    FULL;

    int of(int small, int full) {
        return this == SMALL ? small : full;
    }
}
