package io.registrycenter.memory;

import io.registrycenter.config.OutOfMemoryPlaces;
import io.registrycenter.grpc.DirectMemoryUsedUp;
import java.util.concurrent.CompletableFuture;

/** A program that runs out of memory in one of the ways that a server may. Ends with 0 when it lives on. */
public final class Exhausted {

    /** How. */
    enum Way {
        /** A thread ends by it. */
        UNCAUGHT_IN_A_THREAD,
        /** A future hands it to who asks for the outcome. */
        WRAPPED_BY_A_FUTURE,
        /** The thread of the timers goes on after a job that fails. */
        IN_A_TIMER,
        /** A library catches it and says so at a level that is not shown. */
        LOGGED_BY_A_LIBRARY,
        /** Commits of the store fail by it. */
        IN_A_COMMIT,
        /** Buffers of the gRPC server. */
        DIRECT_MEMORY
    }

    private Exhausted() {}

    public static void main(String[] args) throws Exception {
        OutOfMemory.endByUncaught();
        switch (Way.valueOf(args[0])) {
            case UNCAUGHT_IN_A_THREAD -> {
                Thread thread = new Thread(Exhausted::fillTheHeap);
                thread.start();
                thread.join();
            }
            case WRAPPED_BY_A_FUTURE ->
                CompletableFuture.runAsync(Exhausted::fillTheHeap)
                        .handle((nothing, failure) -> {
                            OutOfMemory.endIfCause(failure);
                            return null;
                        })
                        .join();
            case IN_A_TIMER -> OutOfMemoryPlaces.timer(Exhausted::fillTheHeap);
            case LOGGED_BY_A_LIBRARY -> OutOfMemoryPlaces.logged(Exhausted::fillTheHeap);
            case IN_A_COMMIT -> OutOfMemoryPlaces.commit(Exhausted::fillTheHeap);
            case DIRECT_MEMORY -> DirectMemoryUsedUp.allocateOnALoop();
        }
    }

    private static void fillTheHeap() {
        byte[][] kept = new byte[1 << 20][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[1 << 20];
        }
    }
}
