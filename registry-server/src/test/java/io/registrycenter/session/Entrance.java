package io.registrycenter.session;

import io.registrycenter.registration.Registered;
import java.util.concurrent.CompletableFuture;

/** How a simulated client comes to a server. */
interface Entrance {

    /** A new stream. */
    TestLink link();

    CompletableFuture<Registered> registering(String sessionId, String id, int weight);
}
