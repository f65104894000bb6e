/**
 * The command line: each command is a use of the Java client, told by a {@link Printer} as text or as JSON lines. Start
 * at {@link Registryctl}. Uses the client's public API only.
 */
@NullMarked
package io.registrycenter.cli;

import org.jspecify.annotations.NullMarked;
