package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.view.AppliedCommit.InstanceChange;
import io.registrycenter.view.View;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What label interests remember, in the one limit for all of them. */
class LabelViewMemoryTest {

    private static final long MOST = 10 * new LabelView.Told(new byte[WordsEncoding.BYTES_A_CHANGE], 1).cost();

    private final RememberedBytes remembered = new RememberedBytes(MOST);
    private final WordsEncoding encoding = new WordsEncoding();
    private final LabelView blue = labels("blue");
    private final LabelView other = labels("blue");

    private LabelView labels(String colour) {
        Interest interest = new Interest("shop", "orders", Map.of("colour", colour));
        return new LabelView(
                interest,
                new SnapshotCache(new View("e1"), encoding, interest, 1, new SnapshotShelf(1), () -> 0),
                encoding,
                remembered);
    }

    private static HistoryEntry entry(long seq) {
        Instance after = new Instance(
                "orders", "a", List.of(), "", 100, Map.of("colour", "blue"), InstanceStatus.UP, 1, seq + 1);
        InstanceChange change =
                new InstanceChange(new InstanceKey("shop", "orders", "a"), null, after, null, "", "session");
        Tape.Reel reel = new Tape().reel(64, 0);
        return new HistoryEntry(seq, seq, seq + 1, reel, 0, 64, List.of(change), seq, seq, 0);
    }

    @Test
    void remembered_isGivenBack_whenTheInterestIsGone() {
        LabelView.Told first = blue.told(entry(1));
        assertThat(blue.told(entry(1))).isSameAs(first);
        assertThat(remembered.bytes()).isEqualTo(first.cost());
        blue.close();
        assertThat(remembered.bytes()).isZero();
        blue.told(entry(2));
        assertThat(remembered.bytes()).as("told by somebody who came late").isZero();
    }

    @Test
    void manyCommits_andSeveralInterests_stayWithinTheLimit_andAreStillTold() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(blue.told(entry(i)).changes()).isEqualTo(1);
            assertThat(other.told(entry(i)).changes()).isEqualTo(1);
            assertThat(remembered.bytes()).isLessThanOrEqualTo(MOST);
        }
        assertThat(remembered.bytes()).isPositive();
        blue.close();
        other.close();
        assertThat(remembered.bytes()).isZero();
    }
}
