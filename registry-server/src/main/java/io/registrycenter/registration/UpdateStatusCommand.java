package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes an instance's status and nothing else. Parameters as in {@link DeregisterCommand}.
 *
 * @param sessionId the session that holds it
 */
public record UpdateStatusCommand(
        InstanceKey key,
        InstanceStatus status,
        String sessionId,
        String requestId,
        @Nullable Cursor registration,
        BooleanSupplier expired) {

    /** Of whichever registration the session holds. */
    public UpdateStatusCommand(
            InstanceKey key, InstanceStatus status, String sessionId, String requestId, BooleanSupplier expired) {
        this(key, status, sessionId, requestId, null, expired);
    }
}
