package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registrycenter.drain.Drain;
import io.registrycenter.drain.FakeConnections;
import io.registrycenter.store.InMemoryStore;
import io.registrycenter.store.Transaction;
import io.registrycenter.view.Applier;
import io.registrycenter.view.View;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Readiness, given an engine that names no obstacle itself while its commits fail, wait, or succeed again. */
class WritesObservedTest {

    private long nanos;
    private final InMemoryStore engine = new InMemoryStore();
    private final TimedStore store = new TimedStore(engine, new SimpleMeterRegistry(), () -> nanos);
    private final View view = new View(store.epoch());
    private final Readiness readiness = new Readiness(store, view, serving());

    WritesObservedTest() {
        new Applier(view, List.of(), lost -> {}).caughtUp();
    }

    private static Drain serving() {
        return new Drain(new FakeConnections(() -> 0), Duration.ofSeconds(20), () -> 0, serving -> {});
    }

    private void commit() {
        CompletableFuture<?> unused = store.commit(new Transaction(List.of(), List.of()));
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private void failFor(int seconds) {
        engine.failCommits();
        for (int i = 0; i <= seconds; i++) {
            commit();
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void commits_thatFailOneAfterTheOther_turnReadiness_andItsDetailSaysWhy() {
        failFor(3);
        assertThat(readiness.serving()).isFalse();
        assertThat(readiness.facts().writes()).contains("the last 4 commits failed");
    }

    @Test
    void readiness_comesBack_whenNobodyTriesAnyMore() {
        failFor(3);
        pass(Duration.ofSeconds(10));
        assertThat(readiness.serving()).isTrue();
    }

    @Test
    void commits_thatWaitWithoutEnd_turnReadiness_untilTheyAreDecided() {
        engine.holdCommits();
        commit();
        pass(Duration.ofSeconds(9));
        assertThat(readiness.serving()).isTrue();
        pass(Duration.ofSeconds(1));
        assertThat(readiness.serving()).isFalse();
        assertThat(readiness.facts().writes()).contains("1 commits wait");
        engine.releaseCommits();
        assertThat(readiness.serving()).isTrue();
    }
}
