/**
 * Watchers and writers by the thousand, and what they count: a {@link WatcherPool} holds the watchers, a
 * {@link Writers} keeps register calls in flight or sends them at a rate, {@link SessionLink} keeps the instances
 * alive. Start at {@link Bench}, which drives all of them against one server. Uses {@code wire} and {@code measure}.
 */
@NullMarked
package io.registrycenter.load.client;

import org.jspecify.annotations.NullMarked;
