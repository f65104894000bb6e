package io.registrycenter.client.internal;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.RegistryClient;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Puts a client together. */
public final class Clients {
    private Clients() {}

    public static RegistryClient open(
            ClientSettings settings, @Nullable LinkListener linkListener, @Nullable Executor executor) {
        if (settings.targets().isEmpty()) {
            return java.util.Objects.requireNonNull(null);
        }
        throw new UnsupportedOperationException("not wired: " + settings + linkListener + executor);
    }
}
