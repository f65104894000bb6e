package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.catalog.Disconnect.ClientView;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecentDisconnectsTest {

    private long now;
    private final RecentDisconnects recent = new RecentDisconnects(() -> now);

    @Test
    void ends_areToldNewestFirst_withTheTimeSince() {
        recent.add(end("a", CloseCause.PEER_RESET, ""));
        now += 1_000_000_000L;
        recent.add(end("b", CloseCause.MAX_AGE, ""));
        now += 1_000_000_000L;
        assertThat(recent.newest(10, end -> true))
                .extracting(remembered -> remembered.end().id(), Disconnect.Remembered::ago)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("b", Duration.ofSeconds(1)),
                        org.assertj.core.groups.Tuple.tuple("a", Duration.ofSeconds(2)));
        assertThat(recent.newest(1, end -> end.cause() == CloseCause.PEER_RESET))
                .extracting(remembered -> remembered.end().id())
                .containsExactly("a");
    }

    @Test
    void moreThanAreRemembered_areStillCounted_andTheOldestGo() {
        int many = 3 * RecentDisconnects.MAX_ENDS;
        for (int i = 0; i < many; i++) {
            recent.add(end("s" + i, CloseCause.PEER_EOF, ""));
        }
        assertThat(recent.size()).isEqualTo(RecentDisconnects.MAX_ENDS);
        assertThat(recent.counts()).containsOnly(java.util.Map.entry(CloseCause.PEER_EOF, (long) many));
        assertThat(recent.newest(1, end -> true).get(0).end().id()).isEqualTo("s" + (many - 1));
    }

    @Test
    void longTexts_areBoundedInBytes() {
        String text = "x".repeat(10_000);
        for (int i = 0; i < 500; i++) {
            recent.add(end("s" + i, CloseCause.PEER_EOF, text));
        }
        assertThat(recent.bytes()).isBetween(1L, RecentDisconnects.MAX_BYTES);
        assertThat(recent.size()).isBetween(1, 60);
    }

    @Test
    void whatAClientTellsLater_isAddedToItsEnd_onceAndWithoutACount() {
        recent.add(end("a", CloseCause.PEER_RESET, ""));
        recent.reported("unknown", new ClientView(CloseCause.PEER_RESET, Duration.ZERO, ""));
        recent.reported("a", new ClientView(CloseCause.PEER_RESET, Duration.ofSeconds(60), "ECONNRESET"));
        recent.reported("a", new ClientView(CloseCause.UNKNOWN, Duration.ZERO, "a liar"));
        List<Disconnect.Remembered> all = recent.newest(10, end -> true);
        assertThat(all).hasSize(1);
        assertThat(all.get(0).clientView())
                .isEqualTo(new ClientView(CloseCause.PEER_RESET, Duration.ofSeconds(60), "ECONNRESET"));
        assertThat(recent.counts()).containsOnly(java.util.Map.entry(CloseCause.PEER_RESET, 1L));
    }

    @ParameterizedTest
    @CsvSource({
        "CLIENT_COMPLETED, PEER_EOF, 60, INTERMEDIARY_IDLE",
        "CLIENT_CANCELLED, PEER_RESET, 1, INTERMEDIARY_IDLE",
        "CLIENT_COMPLETED, DRAINING, 60, INTERMEDIARY_IDLE",
        "PEER_EOF, HTTP2_ERROR, 60, INTERMEDIARY_IDLE",
        // Not silent: no timer of silence.
        "CLIENT_COMPLETED, PEER_EOF, 0, CLIENT_COMPLETED",
        "PEER_EOF, HTTP2_ERROR, 0, PEER_EOF",
        // Both ends of one connection may see the same.
        "PEER_EOF, PEER_EOF, 60, PEER_EOF",
        // It was the client.
        "CLIENT_CANCELLED, READ_TIMEOUT, 60, CLIENT_CANCELLED",
        "CLIENT_CANCELLED, SERVER_BEHIND, 60, CLIENT_CANCELLED",
        "CLIENT_CANCELLED, UNKNOWN, 60, CLIENT_CANCELLED",
        // This server knows better than that, or no more.
        "KICKED, PEER_RESET, 60, KICKED",
        "PEER_RESET, PEER_RESET, 60, PEER_RESET"
    })
    void bothViews_together_mayTellAnotherCause_andTheCountStays(
            CloseCause here, CloseCause there, int idleSeconds, CloseCause together) {
        recent.add(end("a", here, ""));
        Disconnect amended = recent.reported("a", new ClientView(there, Duration.ofSeconds(idleSeconds), ""));
        Disconnect.Remembered found = recent.newest(10, end -> true).get(0);
        assertThat(found.end().cause()).isEqualTo(together);
        assertThat(found.counted()).isEqualTo(here);
        assertThat(recent.newest(10, end -> end.cause() == together)).hasSize(1);
        assertThat(recent.counts()).containsOnly(java.util.Map.entry(here, 1L));
        assertThat(found.end().confidence())
                .isEqualTo(here == together ? Disconnect.Confidence.CERTAIN : Disconnect.Confidence.LIKELY);
        assertThat(amended).isEqualTo(here == together ? null : found.end());
    }

    private static Disconnect end(String id, CloseCause cause, String said) {
        return new Disconnect(
                Disconnect.Kind.WATCH,
                id,
                cause,
                Disconnect.Confidence.CERTAIN,
                "10.0.0.7:4711",
                Duration.ofSeconds(61),
                Duration.ofSeconds(60),
                new Disconnect.Standing(Disconnect.Phase.LIVE, ClientInfo.UNKNOWN, said, null),
                Disconnect.Evidence.NONE);
    }
}
