package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.Proof;
import net.jqwik.api.Example;

/** On the fake: deterministic, a seed is the whole story. */
class InMemoryWatchGuaranteesTest extends WatchGuarantees {

    @Override
    void run(long seed, Ledger ledger) {
        WatchSchedule.run(seed, new InMemoryEngine(), ledger);
    }

    @Override
    int histories() {
        return Proof.times(15, 500);
    }

    @Example
    void histories_meet_every_kind_of_answer() {
        Ledger ledger = new Ledger();
        for (long seed = 1; seed <= 40; seed++) {
            run(seed, ledger);
        }
        assertThat(ledger.met())
                .containsKeys(
                        "Part",
                        "Delta",
                        "Heartbeat",
                        "Ended",
                        "INITIAL",
                        "COMPACTED",
                        "LAGGED",
                        "coalesced",
                        "SERVER_BEHIND");
    }
}
