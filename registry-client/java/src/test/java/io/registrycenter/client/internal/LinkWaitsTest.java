package io.registrycenter.client.internal;

import static io.registrycenter.client.internal.Links.cut;
import static io.registrycenter.client.internal.Links.live;
import static io.registrycenter.client.internal.Links.synced;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.DisconnectReport.Phase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a link waits before the next attempt. */
class LinkWaitsTest {

    @Test
    void backoff_neverLive_doublesToThirtySeconds() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0.5;
            world.client.watch("orders", new RecordingListener());
            for (int i = 0; i < 9; i++) {
                cut(world);
                world.pass(world.report().nextAttemptIn());
            }
            assertThat(world.reports)
                    .extracting(report -> report.nextAttemptIn().toMillis())
                    .containsExactly(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 15_000L, 15_000L, 15_000L);
            assertThat(world.reports).extracting(DisconnectReport::failures).startsWith(1, 2, 3);
            assertThat(world.server().watches).hasSize(10);
        }
    }

    @Test
    void backoff_liveForAMinute_startsOver() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            cut(world);
            world.pass(Duration.ofSeconds(1));
            synced(world.server().watch());
            world.pass(Duration.ofSeconds(59));
            cut(world);
            assertThat(world.report().failures()).as("59 s are not enough").isEqualTo(2);
            world.pass(Duration.ofSeconds(1));
            synced(world.server().watch());
            world.pass(Duration.ofSeconds(60));
            cut(world);
            assertThat(world.report().failures()).isEqualTo(1);
            assertThat(world.report().phase()).isEqualTo(Phase.LIVE);
        }
    }

    @Test
    void retryInfo_any_winsOverTheBackoff() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server()
                    .watch()
                    .fail(Errors.of(Status.Code.RESOURCE_EXHAUSTED, "SLOW_CONSUMER", Duration.ofSeconds(12)));
            assertThat(world.report().cause()).isEqualTo(CloseCause.SLOW_CONSUMER);
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofSeconds(12));
        }
    }

    @Test
    void retryInfo_absurd_isBelievedUpToFiveMinutes() {
        try (FakeWorld world = new FakeWorld()) {
            live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.UNAVAILABLE, "SERVER_FAULT", Duration.ofDays(7)));
            assertThat(world.report().nextAttemptIn()).isEqualTo(Duration.ofMinutes(5));
        }
    }

    @Test
    void stopCause_any_waitsLongButComesBack() {
        try (FakeWorld world = new FakeWorld()) {
            world.random = 0;
            live(world, world.server());
            world.server().watch().fail(Errors.of(Status.Code.PERMISSION_DENIED, "DENIED"));
            assertThat(world.report().cause()).isEqualTo(CloseCause.DENIED);
            assertThat(world.report().nextAttemptIn())
                    .as("not even the luckiest comes back at once")
                    .isEqualTo(Duration.ofSeconds(15));
            world.pass(Duration.ofSeconds(15));
            assertThat(world.server().watches).hasSize(2);
        }
    }
}
