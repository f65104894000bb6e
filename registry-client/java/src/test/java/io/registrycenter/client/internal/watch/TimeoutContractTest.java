package io.registrycenter.client.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.proto.v1.WatchWelcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeoutContractTest {

    private static final WatchWelcome DEFAULTS = WatchWelcome.newBuilder()
            .setHeartbeatIntervalMs(20_000)
            .setHeartbeatTimeoutMs(10_000)
            .setIdleTimeoutMs(60_000)
            .setPermitKeepaliveMs(10_000)
            .build();

    @Test
    void check_defaults_fit() {
        assertThat(new TimeoutContract(Duration.ofSeconds(90)).broken(DEFAULTS)).isEmpty();
        assertThat(new TimeoutContract(Duration.ofSeconds(90)).broken(WatchWelcome.getDefaultInstance()))
                .isEmpty();
    }

    @Test
    void check_readTimeoutTooShort_namesBothValues() {
        assertThat(new TimeoutContract(Duration.ofSeconds(30)).broken(DEFAULTS))
                .singleElement()
                .asString()
                .contains("30000 ms")
                .contains("read timeout");
    }

    @Test
    void check_serversOwnRules_named() {
        WatchWelcome bad = DEFAULTS.toBuilder()
                .setIdleTimeoutMs(20_000)
                .setPermitKeepaliveMs(31_000)
                .build();
        assertThat(new TimeoutContract(Duration.ofSeconds(90)).broken(bad)).hasSize(2);
    }
}
