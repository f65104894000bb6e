package io.registrycenter.client;

import java.util.concurrent.CompletionStage;

/**
 * One process's way to the registry: registers instances and watches services. Make one and share it.
 *
 * <p>Needs no server to be made: it connects when first used, and comes back from anything by itself. Safe for use by
 * many threads; only {@code close} methods wait, and those for a bounded time. Stages complete without the threads that call
 * listeners, so that a listener may wait for one; what is chained to a stage runs on a thread that it may hold.
 */
public interface RegistryClient extends AutoCloseable {

    static RegistryClientBuilder builder() {
        return new RegistryClientBuilder();
    }

    /** Keeps an instance registered in the client's namespace, until the registration or the client is closed. */
    Registration register(String service, Instance instance);

    /**
     * Keeps an instance registered.
     *
     * @throws IllegalStateException when the client is closed, or already keeps this id of this service: until that registration
     *     is closed or lost, it is changed with {@link Registration#update}
     */
    Registration register(String namespace, String service, Instance instance);

    /** Watches one service of the client's namespace. */
    Watch watch(String service, WatchListener listener);

    /**
     * Watches an interest. Many watches share a stream, and further streams are made where a server takes no more on one. Beyond half
     * of a connection's streams (50,000 watches with the servers' defaults) a watch is refused: {@link WatchListener#onRefused}
     * and {@link Watch#synced} say so.
     *
     * @throws IllegalStateException when the client is closed
     */
    Watch watch(Interest interest, WatchListener listener);

    /** The services of the client's namespace; asks the registry. */
    CompletionStage<ServiceList> services();

    /** The services of a namespace; asks the registry, with a deadline and one repeat on another server. */
    CompletionStage<ServiceList> services(String namespace);

    /** The instances an interest matches; asks the registry, with a deadline and one repeat on another server. */
    CompletionStage<InstanceList> instances(Interest interest);

    /** As before, at least as new as {@code minCursor}: reads one's own writes on any server. */
    CompletionStage<InstanceList> instances(Interest interest, Cursor minCursor);

    /** The namespace used where none is said. */
    String namespace();

    /** How this client fares, as numbers. */
    ClientStatistics statistics();

    /**
     * Says goodbye for every registration, waits for the answer at most for the close timeout, and ends everything. On an
     * interrupted thread it does the same, waits for a second, and leaves the thread interrupted. A second call waits for the first
     * one. Code that the client runs on a thread it works with (chained to a stage that completes while the client closes) does not
     * wait at all: everything ends on another thread.
     */
    @Override
    void close();
}
