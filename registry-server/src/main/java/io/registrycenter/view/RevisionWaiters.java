package io.registrycenter.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/** Callers that wait until a revision is applied. Any thread; whoever gives up leaves by completing its future. */
final class RevisionWaiters {

    private record Waiter(long revision, CompletableFuture<Void> future) implements Comparable<Waiter> {
        @Override
        public int compareTo(Waiter other) {
            return Long.compare(revision, other.revision);
        }
    }

    @GuardedBy("this")
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();

    /** Read without the lock on the applier's hot path: nobody waits most of the time. */
    private volatile boolean any;

    CompletableFuture<Void> await(long revision) {
        Waiter waiter = new Waiter(revision, new CompletableFuture<>());
        synchronized (this) {
            waiters.add(waiter);
            any = true;
        }
        var unused = waiter.future.whenComplete((done, failure) -> leave(waiter));
        return waiter.future;
    }

    void applied(long revision) {
        if (!any) {
            return;
        }
        List<Waiter> reached = new ArrayList<>();
        synchronized (this) {
            while (!waiters.isEmpty() && waiters.element().revision <= revision) {
                reached.add(waiters.remove());
            }
            any = !waiters.isEmpty();
        }
        reached.forEach(waiter -> waiter.future.complete(null));
    }

    private synchronized void leave(Waiter waiter) {
        waiters.remove(waiter);
        any = !waiters.isEmpty();
    }
}
