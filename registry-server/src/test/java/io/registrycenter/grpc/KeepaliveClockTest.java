package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.grpc.KeepaliveClock.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeepaliveClockTest {

    private long now = 1;
    private long lastRead = 1;
    private boolean ladderJudges;
    private final KeepaliveClock clock =
            new KeepaliveClock(Duration.ofSeconds(30), Duration.ofSeconds(10), () -> ladderJudges, now);

    /** One thing the clock asked for, and when. */
    private record Asked(Verdict what, Duration at) {}

    /** Ticks when the clock wants it, until the time has passed. */
    private List<Asked> pass(Duration time) {
        List<Asked> asked = new ArrayList<>();
        long from = now;
        long until = now + time.toNanos();
        while (true) {
            long next = now + clock.nextTickNanos(now, lastRead);
            if (next > until) {
                now = until;
                return asked;
            }
            now = next;
            Verdict verdict = clock.tick(now, lastRead);
            if (verdict != Verdict.FINE) {
                asked.add(new Asked(verdict, Duration.ofNanos(now - from)));
            }
        }
    }

    private void read() {
        now++;
        lastRead = now;
    }

    @Test
    void silence_isPinged_andWithoutAnAnswerItIsOver_once() {
        assertThat(pass(Duration.ofMinutes(5)))
                .containsExactly(
                        new Asked(Verdict.PING, Duration.ofSeconds(30)),
                        new Asked(Verdict.GONE, Duration.ofSeconds(40)));
    }

    @Test
    void anyByte_isAnAnswer_andTheSilenceBeginsAgain() {
        for (int i = 0; i < 3; i++) {
            assertThat(pass(Duration.ofSeconds(35))).extracting(Asked::what).containsExactly(Verdict.PING);
            read();
        }
        assertThat(pass(Duration.ofSeconds(29))).isEmpty();
    }

    @Test
    void afterItsLastStream_aConnectionWithoutAnAnswerIsOver_within10Seconds() {
        pass(Duration.ofSeconds(7));
        clock.lastStreamEnded(now);
        List<Asked> asked = pass(Duration.ofMinutes(5));
        assertThat(asked).extracting(Asked::what).containsExactly(Verdict.PING, Verdict.GONE);
        assertThat(asked.get(0).at()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(asked.get(1).at()).isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void afterItsLastStream_anUnansweredPingOfBefore_countsFromItsEnd() {
        pass(Duration.ofSeconds(39));
        clock.lastStreamEnded(now);
        assertThat(pass(Duration.ofSeconds(7))).isEmpty();
        assertThat(pass(Duration.ofSeconds(3))).extracting(Asked::what).containsExactly(Verdict.GONE);
    }

    @Test
    void afterItsLastStream_aConnectionThatAnswersStays() {
        clock.lastStreamEnded(now);
        assertThat(pass(Duration.ofSeconds(2))).extracting(Asked::what).containsExactly(Verdict.PING);
        read();
        assertThat(pass(Duration.ofSeconds(29))).isEmpty();
    }

    @Test
    void afterItsLastStream_aConnectionThatIsUsedAgain_isNotPinged() {
        clock.lastStreamEnded(now);
        read();
        assertThat(pass(Duration.ofSeconds(29))).isEmpty();
    }

    @Test
    void whileTheLadderJudges_anUnansweredPingDoesNotCount() {
        ladderJudges = true;
        assertThat(pass(Duration.ofMinutes(5))).extracting(Asked::what).containsExactly(Verdict.PING);
        ladderJudges = false;
        assertThat(pass(Duration.ofSeconds(9))).isEmpty();
        assertThat(pass(Duration.ofSeconds(2))).extracting(Asked::what).containsExactly(Verdict.GONE);
    }

    @Test
    void goodbyeOfThisEnd_isFollowedByTheEnd_whateverIsHeard() {
        clock.closing(now);
        assertThat(pass(Duration.ofSeconds(4))).isEmpty();
        read();
        clock.lastStreamEnded(now);
        List<Asked> asked = pass(Duration.ofMinutes(1));
        assertThat(asked).extracting(Asked::what).containsExactly(Verdict.LATE);
        assertThat(asked.get(0).at()).isLessThanOrEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void pauseOfTheServer_isNoSilenceOfTheClient() {
        assertThat(pass(Duration.ofSeconds(31))).extracting(Asked::what).containsExactly(Verdict.PING);
        now += Duration.ofMinutes(1).toNanos();
        assertThat(clock.tick(now, lastRead)).isEqualTo(Verdict.FINE);
        read();
        assertThat(pass(Duration.ofSeconds(29))).isEmpty();
    }

    @Test
    void aShortTimeout_isKept() {
        KeepaliveClock hasty = new KeepaliveClock(Duration.ofSeconds(1), Duration.ofSeconds(1), () -> false, 0);
        assertThat(hasty.nextTickNanos(0, 0)).isEqualTo(Duration.ofSeconds(1).toNanos());
        hasty.lastStreamEnded(0);
        assertThat(hasty.nextTickNanos(0, 0)).isEqualTo(Duration.ofMillis(125).toNanos());
    }
}
