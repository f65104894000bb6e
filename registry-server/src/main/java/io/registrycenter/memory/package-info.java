/**
 * How much memory there is, who may use how much of it, and how the process ends when there is none.
 *
 * <p>Start at {@link io.registrycenter.memory.MemoryBudget}; {@link io.registrycenter.memory.OutOfMemory} is for whoever catches an
 * error. Knows the catalog and the JDK alone, and may be known by all.
 */
@NullMarked
package io.registrycenter.memory;

import org.jspecify.annotations.NullMarked;
