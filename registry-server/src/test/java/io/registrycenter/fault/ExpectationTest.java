package io.registrycenter.fault;

import static io.registrycenter.catalog.CloseCause.HEARTBEAT_TIMEOUT;
import static io.registrycenter.catalog.CloseCause.PEER_EOF;
import static io.registrycenter.catalog.CloseCause.PEER_RESET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExpectationTest {

    private final Expectation done = new Expectation();

    @BeforeEach
    void someStreams() {
        done.add(Set.of(PEER_RESET), 2);
        done.add(Set.of(PEER_RESET, PEER_EOF), 3);
    }

    @Test
    void explains_endsThatFit() {
        assertThat(done.explains(Map.of(PEER_RESET, 2L, PEER_EOF, 3L))).isTrue();
        assertThat(done.explains(Map.of(PEER_RESET, 5L))).isTrue();
    }

    @Test
    void explains_aStreamUnderAnothersName_isFalse() {
        assertThat(done.explains(Map.of(PEER_RESET, 1L, PEER_EOF, 4L))).isFalse();
        assertThat(done.explains(Map.of(PEER_RESET, 2L, PEER_EOF, 2L, HEARTBEAT_TIMEOUT, 1L)))
                .isFalse();
    }

    @Test
    void explains_anEndTooManyOrTooFew_isFalse() {
        assertThat(done.explains(Map.of(PEER_RESET, 6L))).isFalse();
        assertThat(done.explains(Map.of(PEER_RESET, 4L))).isFalse();
    }
}
