package io.registrycenter.registration;

import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import java.util.function.BooleanSupplier;

/**
 * Changes an instance's status and nothing else. Parameters as in {@link RegisterCommand}.
 *
 * @param sessionId the session that holds it
 */
public record UpdateStatusCommand(
        InstanceKey key, InstanceStatus status, String sessionId, String requestId, BooleanSupplier expired) {}
