package io.registrycenter.registration;

import io.registrycenter.catalog.InstanceKey;
import java.util.function.BooleanSupplier;

/**
 * Takes an instance out. Parameters as in {@link RegisterCommand}.
 *
 * @param sessionId the session that holds it
 */
public record DeregisterCommand(InstanceKey key, String sessionId, String requestId, BooleanSupplier expired) {}
