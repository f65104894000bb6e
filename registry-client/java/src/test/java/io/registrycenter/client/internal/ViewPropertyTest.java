package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Change;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.Proof;
import io.registrycenter.client.ViewChange;
import io.registrycenter.client.Watch;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random histories over a stream that is cut, repeats and loses. */
class ViewPropertyTest {

    private static final int SCHEDULES = Proof.times(1, 100);
    private static final int STEPS = 60;

    @Property(tries = 200)
    void theViewIsAlwaysTheStateAtItsCursorAndNothingIsToldTwice(@ForAll long seed) {
        for (int i = 0; i < SCHEDULES; i++) {
            schedule(seed + i);
        }
    }

    private static void schedule(long seed) {
        Random random = new Random(seed);
        try (FakeWorld world = new FakeWorld()) {
            ModelServer model = new ModelServer(random, world.server());
            RecordingListener listener = new RecordingListener();
            Watch watch = world.client.watch("orders", listener);
            long lowest = 0;
            for (int step = 0; step < STEPS; step++) {
                step(random, world, model);
                lowest = check(watch, model, lowest);
            }
            finish(world, model);
            check(watch, model, lowest);
            assertThat(watch.view().stale()).isFalse();
            assertThat(watch.view().cursor()).isNotNull();
            checkTold(listener);
        }
    }

    private static void step(Random random, FakeWorld world, ModelServer model) {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> model.commit();
            case 3 -> model.cut();
            case 4 -> world.pass(Duration.ofSeconds(1));
            case 5 -> {
                if (random.nextInt(4) == 0) {
                    model.compact();
                }
            }
            default -> {
                if (model.connected()) {
                    serve(random, model);
                }
            }
        }
    }

    private static void serve(Random random, ModelServer model) {
        model.answer();
        if (!model.connected()) {
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> model.heartbeat();
            case 1 -> model.lose();
            default -> model.deliver();
        }
    }

    /** Serves by the contract until the client has everything. */
    private static void finish(FakeWorld world, ModelServer model) {
        model.commit();
        int rounds = 0;
        while (rounds++ < 100 && !(model.connected() && model.atHead())) {
            world.pass(Duration.ofSeconds(30));
            if (model.connected()) {
                model.answer();
            }
            if (model.connected()) {
                model.deliver();
            }
        }
        // What was lost shows itself with the next commit; then the gap is answered.
        model.commit();
        for (int i = 0; i < 100; i++) {
            if (!model.connected()) {
                world.pass(Duration.ofSeconds(30));
            }
            if (model.connected()) {
                model.answer();
            }
            if (model.connected()) {
                model.deliver();
            }
        }
    }

    private static long check(Watch watch, ModelServer model, long lowest) {
        Cursor cursor = watch.view().cursor();
        if (cursor == null) {
            assertThat(watch.instances()).isEmpty();
            return lowest;
        }
        assertThat(cursor.revision()).as("never back").isGreaterThanOrEqualTo(lowest);
        Map<String, Long> expected = model.stateAt(cursor.revision()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().getModifiedRevision()));
        Map<String, Long> actual =
                watch.instances().stream().collect(Collectors.toMap(Instance::id, Instance::modifiedRevision));
        assertThat(actual).as("at %s", cursor).isEqualTo(expected);
        return cursor.revision();
    }

    private static void checkTold(RecordingListener listener) {
        Set<String> told = new HashSet<>();
        Map<String, Long> view = new java.util.TreeMap<>();
        for (ViewChange step : listener.steps) {
            for (Change change : step.changes()) {
                assertThat(told.add(change.instanceId() + "@" + change.revision()))
                        .as("%s is told twice", change)
                        .isTrue();
                if (change instanceof Change.Put put) {
                    view.put(put.instanceId(), put.instance().modifiedRevision());
                } else {
                    assertThat(view.remove(change.instanceId())).isNotNull();
                }
            }
            assertThat(step.instances().stream().collect(Collectors.toMap(Instance::id, Instance::modifiedRevision)))
                    .as("the changes told add up to the view")
                    .isEqualTo(view);
        }
    }
}
