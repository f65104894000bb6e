package io.registrycenter.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Places of the server in which a test lets memory run out. */
public final class OutOfMemoryPlaces {

    private OutOfMemoryPlaces() {}

    /** On the thread of the timers. */
    public static void timer(Runnable exhausting) throws InterruptedException {
        new Ticks(() -> {}, List.of(new Ticks.Job("exhausting", Duration.ofMillis(1), exhausting))).start();
        new CountDownLatch(1).await(30, TimeUnit.SECONDS);
    }

    /** Caught by somebody who logs it, at a level that is switched off. */
    public static void logged(Runnable exhausting) {
        OutOfMemoryInLog.install();
        Logger quiet = (Logger) LoggerFactory.getLogger("a.library");
        quiet.setLevel(Level.ERROR);
        try {
            exhausting.run();
        } catch (OutOfMemoryError caught) {
            quiet.warn("A task raised an exception. Task: {}", "some task", caught);
        }
    }

    /** In the engine, which fails the commit with it. */
    public static void commit(Runnable exhausting) {
        TimedStore store = new TimedStore(
                new InMemoryStore(task -> exhausting.run(), Runnable::run),
                new SimpleMeterRegistry(),
                System::nanoTime);
        var unused = store.commit(new Transaction(List.of(), List.of()));
    }
}
