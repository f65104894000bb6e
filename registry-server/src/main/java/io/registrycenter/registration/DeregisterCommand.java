package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes an instance out. Parameters as in {@link RegisterCommand}.
 *
 * @param sessionId the session that holds it
 * @param registration epoch and created revision of the only registration that is meant; null: whichever the session holds
 */
public record DeregisterCommand(
        InstanceKey key,
        String sessionId,
        String requestId,
        @Nullable Cursor registration,
        BooleanSupplier expired) {

    /** Whichever registration the session holds. */
    public DeregisterCommand(InstanceKey key, String sessionId, String requestId, BooleanSupplier expired) {
        this(key, sessionId, requestId, null, expired);
    }
}
