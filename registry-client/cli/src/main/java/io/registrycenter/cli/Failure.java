package io.registrycenter.cli;

import io.registrycenter.client.RegistryException;

/** The end of a command: one sentence for stderr and an exit code. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    Failure(ExitCode exitCode, String sentence) {
        super(sentence, null, false, false);
        this.exitCode = exitCode;
    }

    /** What the registry answered, with field, value and rule where it names them. */
    static Failure of(RegistryException refusal) {
        String message = String.valueOf(refusal.getMessage());
        if (!refusal.field().isEmpty() && !message.contains(refusal.rule())) {
            message += ": " + refusal.field() + " is \"" + refusal.value() + "\", but the rule is: " + refusal.rule();
        }
        return new Failure(ExitCode.of(refusal.kind()), message);
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
