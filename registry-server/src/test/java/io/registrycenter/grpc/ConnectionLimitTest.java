package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.grpc.ConnectionLimit.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {

    private final List<Boolean> accepting = new ArrayList<>();
    private final ConnectionLimit limit = new ConnectionLimit(2, 1, accepting::add);

    @Test
    void opened_withRoom_isServed() {
        assertThat(limit.opened()).isEqualTo(Verdict.SERVE);
        assertThat(limit.opened()).isEqualTo(Verdict.SERVE);
        assertThat(accepting).isEmpty();
    }

    @Test
    void opened_withoutRoom_isTurnedAway_andAcceptingPauses() {
        open(2);
        assertThat(limit.opened()).isEqualTo(Verdict.TURN_AWAY);
        assertThat(accepting).containsExactly(false);
    }

    @Test
    void opened_whilePaused_isTurnedAway_andPausesAgain() {
        open(4);
        assertThat(limit.turnedAwayNow()).isEqualTo(2);
        assertThat(accepting).containsExactly(false, false);
        limit.closed(Verdict.TURN_AWAY);
        assertThat(accepting).as("still full").containsExactly(false, false);
    }

    @Test
    void closed_whenPaused_acceptsAgain_once() {
        open(3);
        limit.closed(Verdict.TURN_AWAY);
        limit.closed(Verdict.SERVE);
        assertThat(accepting).containsExactly(false, true);
        assertThat(limit.opened()).isEqualTo(Verdict.SERVE);
    }

    @Test
    void closed_all_isEmpty() {
        open(3);
        limit.closed(Verdict.SERVE);
        limit.closed(Verdict.SERVE);
        limit.closed(Verdict.TURN_AWAY);
        assertThat(limit.servedNow()).isZero();
        assertThat(limit.turnedAwayNow()).isZero();
    }

    private void open(int connections) {
        for (int i = 0; i < connections; i++) {
            var unused = limit.opened();
        }
    }
}
