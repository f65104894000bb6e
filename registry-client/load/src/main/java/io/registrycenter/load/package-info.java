/**
 * The load program: each command drives one kind of work against the registry and against the bare yardstick, in turns,
 * and prints figures with their ratio. Start at {@link RegistryLoad}; commands use {@code client}, {@code target},
 * {@code measure}; {@code yardstick} runs in a process of its own.
 */
@NullMarked
package io.registrycenter.load;

import org.jspecify.annotations.NullMarked;
