package io.registrycenter.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** The log of the client and of gRPC: silent, since the commands tell what matters, or on stderr. */
final class Logging {
    /** The log manager itself forgets loggers that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger CLIENT = Logger.getLogger("io.registrycenter");

    private Logging() {}

    static void set(boolean verbose) {
        LogManager.getLogManager().reset();
        if (verbose) {
            ConsoleHandler stderr = new ConsoleHandler();
            stderr.setLevel(Level.ALL);
            ROOT.addHandler(stderr);
            CLIENT.setLevel(Level.FINE);
        }
    }
}
