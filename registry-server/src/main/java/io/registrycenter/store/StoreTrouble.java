package io.registrycenter.store;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.memory.OutOfMemory;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** What a caller is told when the store could not do its part. Stateless; any thread. */
public final class StoreTrouble {

    /** When to try again: long enough for a queue to empty, short enough not to be noticed. */
    public static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private StoreTrouble() {}

    /**
     * A {@link StoreException} as {@link Refusal.Unavailable}; any other failure unchanged, it is a fault.
     *
     * @param failure of a future of the store; a {@link CompletionException} around it is taken off
     */
    public static Throwable asRefusal(Throwable failure) {
        OutOfMemory.endIfCause(failure);
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StoreException trouble
                ? new Refusal.Unavailable(CloseCause.SERVER_FAULT, "the store: " + trouble.getMessage(), RETRY_AFTER)
                : cause;
    }
}
