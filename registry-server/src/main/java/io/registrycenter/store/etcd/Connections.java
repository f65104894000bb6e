package io.registrycenter.store.etcd;

import io.registrycenter.memory.OutOfMemory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that must be let go of: connections, one set for each purpose, and threads. Immutable. */
final class Connections implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    final Keyspace keys;
    final Endpoints leases;
    final Tokens tokens;
    final Calls calls;

    /** No try waits for longer than this. */
    private static final long LONGEST_WAIT_MS = 1_000;

    private final Endpoints unary;
    private final Endpoints watches;
    private final ExecutorService answers = serial("store-answers");
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("store-clock").factory());

    Connections(EtcdSettings settings, String mark) {
        this.keys = new Keyspace(settings.prefix());
        int first = mark.hashCode();
        this.unary = new Endpoints("calls", settings, answers, first);
        this.watches = new Endpoints("watch", settings, answers, first);
        this.leases = new Endpoints("lease", settings, answers, first);
        this.tokens = new Tokens(unary, settings);
        this.calls = new Calls(unary, tokens, clock, System::nanoTime, settings.requestTimeout());
    }

    /** Eight characters that no other process has. */
    static String newMark() {
        return String.format("%08x", new SecureRandom().nextInt());
    }

    /**
     * One thread, and what waits for it, bounded by who gives it: gRPC gives one message at a time for each call. Once it was
     * shut down, what comes is dropped. Giving it work never waits, since event loops do.
     */
    static ExecutorService serial(String name) {
        ThreadPoolExecutor serial = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedTransferQueue<>(),
                Thread.ofPlatform().daemon().name(name).factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        serial.prestartCoreThread();
        return serial;
    }

    Upstream upstream(ExecutorService thread, long next, Upstream.Receiver receiver) {
        return new Upstream(watches, tokens, keys, clock, thread, next, receiver);
    }

    void everySecond(Runnable work) {
        long second = Duration.ofSeconds(1).toNanos();
        var unused = clock.scheduleWithFixedDelay(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException | Error fault) {
                        OutOfMemory.endIfCause(fault);
                        LOG.error("Looking after etcd failed; it comes again", fault);
                    }
                },
                second,
                second,
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        watches.close();
        leases.close();
        unary.close();
        // Who waits for another try finds the connections closed, and answers: only then nobody needs the thread any
        // more.
        var unused = clock.schedule(answers::shutdown, LONGEST_WAIT_MS, TimeUnit.MILLISECONDS);
        clock.shutdown();
    }
}
