package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.registrycenter.store.StoreException;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** A start asks again what time may cure, until its deadline. */
class PatienceTest {

    private static final Duration TRY = Duration.ofSeconds(5);

    private long now = -1;
    private int asked;
    private final Patience patience =
            new Patience(() -> now, ms -> now += Duration.ofMillis(ms).toNanos(), Patience.OF_A_START);

    /** A question that takes a while, and is answered at its nth time. */
    private Supplier<String> answeredAt(int nth, Status before) {
        return () -> {
            asked++;
            if (asked == nth) {
                return "answer";
            }
            now += TRY.toNanos();
            throw Troubles.asStoreException("it cannot be opened", before.asRuntimeException());
        };
    }

    @Test
    void noAnswerInTime_isAskedAgain() {
        assertThat(patience.ask(answeredAt(3, Status.DEADLINE_EXCEEDED))).isEqualTo("answer");
        assertThat(asked).isEqualTo(3);
    }

    @Test
    void noAnswerAtAll_failsWithTheLastTroubleAtTheDeadline() {
        assertThatThrownBy(() -> patience.ask(answeredAt(0, Status.UNAVAILABLE)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("it cannot be opened: etcd says UNAVAILABLE");
        assertThat(Duration.ofNanos(now)).isBetween(Patience.OF_A_START, Patience.OF_A_START.plus(TRY));
    }

    @Test
    void theDeadlineIsOneForAllQuestions() {
        assertThat(patience.ask(answeredAt(2, Status.UNAVAILABLE))).isEqualTo("answer");
        now += Patience.OF_A_START.toNanos();
        asked = 0;
        assertThatThrownBy(() -> patience.ask(answeredAt(2, Status.UNAVAILABLE)))
                .isInstanceOf(StoreException.class);
        assertThat(asked).isOne();
    }

    @Test
    void whatTimeDoesNotCure_failsAtOnce() {
        for (Status refused : new Status[] {
            Status.UNAUTHENTICATED,
            Status.PERMISSION_DENIED,
            Status.UNIMPLEMENTED,
            Status.UNAVAILABLE.withCause(new SSLHandshakeException("not trusted"))
        }) {
            asked = 0;
            assertThatThrownBy(() -> patience.ask(answeredAt(0, refused))).isInstanceOf(StoreException.class);
            assertThat(asked).as(refused.toString()).isOne();
        }
        assertThatThrownBy(() -> patience.ask(() -> {
                    throw new StoreException(StoreException.Kind.CORRUPT, "an import was broken off");
                }))
                .hasMessage("an import was broken off");
    }
}
