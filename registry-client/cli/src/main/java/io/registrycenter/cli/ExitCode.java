package io.registrycenter.cli;

import io.registrycenter.client.RegistryException;

/** How the program ends; README.md lists the same numbers. */
enum ExitCode {
    OK(0),
    /** The registry said no, or something given to it breaks a rule. */
    REFUSED(1),
    /** The command line is wrong. */
    USAGE(2),
    /** No server could be reached in time. */
    UNREACHABLE(3),
    /** Ctrl-C during a watch; the Java runtime ends with it by itself. */
    INTERRUPTED(130);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static ExitCode of(RegistryException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> UNREACHABLE;
            case INVALID_INPUT, LIMIT_EXCEEDED, SESSION_EXPIRED, NOT_HOLDER, FENCED, DENIED, CLOSED, SERVER_FAULT ->
                REFUSED;
        };
    }
}
