package io.registrycenter.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the commands share. Stateless. */
final class Commands {
    private Commands() {}

    /** The options of the program that picocli gave the command as its parent. */
    static GlobalOptions global(@Nullable Registryctl parent) {
        return Objects.requireNonNull(parent, "picocli sets the parent").global;
    }
}
