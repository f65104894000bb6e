package io.registrycenter.registration;

import io.registrycenter.catalog.Instance;
import java.util.function.BooleanSupplier;

/**
 * Puts an instance.
 *
 * @param instance as the client described it, defaults filled in; its revisions are ignored
 * @param sessionId the session that will keep it alive
 * @param requestId at most 64 characters; empty: none
 * @param expired whether the caller's deadline has passed; asked just before the transaction is queued, and
 *     before each time it is judged again, on any thread
 */
public record RegisterCommand(
        String namespace, Instance instance, String sessionId, String requestId, BooleanSupplier expired) {}
