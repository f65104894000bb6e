/**
 * The servers that are measured: started as child processes, looked at through {@code /proc} and {@code jcmd}. Start at
 * {@link Target}. Uses nothing of this program.
 */
@NullMarked
package io.registrycenter.load.target;

import org.jspecify.annotations.NullMarked;
