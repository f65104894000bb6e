package io.registrycenter.client.internal.callback;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Lets a mailbox be emptied by one thread of a shared executor at a time.
 *
 * <p>{@code waiting} counts wakes that the running turn has not seen; a turn ends when it has seen them all. Any thread.
 */
final class Turn {

    private final AtomicInteger waiting = new AtomicInteger();
    private final Callbacks callbacks;
    /** Delivers one item; false when there is none. */
    private final BooleanSupplier deliverOne;

    Turn(Callbacks callbacks, BooleanSupplier deliverOne) {
        this.callbacks = callbacks;
        this.deliverOne = deliverOne;
    }

    /** Something was put into the mailbox. */
    void wake() {
        if (waiting.getAndIncrement() == 0 && !callbacks.run(this::run)) {
            waiting.set(0);
        }
    }

    private void run() {
        int seen = waiting.get();
        while (seen > 0) {
            boolean more = true;
            while (more) {
                more = deliverOne.getAsBoolean();
            }
            seen = waiting.addAndGet(-seen);
        }
    }
}
