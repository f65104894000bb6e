package io.registrycenter.client;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The wish that an instance be registered, kept until closed. Safe for use by many threads.
 *
 * <p>The stages complete on threads of the client that nothing else needs: what is chained to them runs there, and may block; the
 * {@code Async} methods take another executor. They complete exceptionally with a {@link RegistryException}
 * when the registry refuses for good, when the instance is lost, or when it is closed before; a registry that cannot be
 * reached is no reason, the client goes on trying.
 */
public interface Registration extends AutoCloseable {

    String namespace();

    String service();

    /** What the user wants to be registered, with the newest status. */
    Instance instance();

    RegistrationState state();

    /** Completes with the revision at which the first registration took effect. */
    CompletionStage<Cursor> registered();

    /**
     * Changes everything but the id. Of several changes that wait for a connection only the newest is sent.
     *
     * @throws IllegalArgumentException when the id differs
     */
    CompletionStage<Cursor> update(Instance instance);

    /** Changes the status alone. */
    CompletionStage<Cursor> status(InstanceStatus status);

    /** Called once, on the callback executor, when the instance is lost; at once when it is already. */
    Registration onLost(Consumer<LostReason> listener);

    /**
     * Takes the instance out; waits for the acknowledgement, at most for the client's close timeout, and for a second on an
     * interrupted thread, which stays interrupted. The id may be registered anew at once, also while the registry cannot be
     * reached: the newer registration takes the place of a removal that was not sent.
     */
    @Override
    void close();
}
