package io.registrycenter.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a watch knows. Immutable.
 *
 * @param instances sorted by service, then id; the last known good ones when stale, and the held ones among them
 * @param cursor what has been applied; null before the first answer
 * @param stale whether the view has lost its source, or never had one
 * @param staleFor since when nothing has proven it current; zero when not stale
 * @param held those of {@code instances} that a registry with another history does not have, kept for the reset hold
 */
public record View(
        List<Instance> instances, @Nullable Cursor cursor, boolean stale, Duration staleFor, List<Instance> held) {

    public View {
        instances = List.copyOf(instances);
        held = List.copyOf(held);
    }
}
