package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import io.registrycenter.observe.LogFields;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CloseLogTest {

    private static final long SECOND = 1_000_000_000L;

    private final Logger logger = (Logger) LoggerFactory.getLogger(CloseLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long now;
    private final RecentDisconnects recent = new RecentDisconnects(() -> now);
    private final CloseLog log = new CloseLog(() -> now, recent);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void unexpectedEnd_isOneLine_withCauseEvidenceAndAdvice() {
        log.ended(new Disconnect(
                Disconnect.Kind.WATCH,
                "1f",
                CloseCause.PEER_RESET,
                Disconnect.Confidence.CERTAIN,
                "10.0.0.7:4711",
                Duration.ofMillis(61_200),
                Duration.ofSeconds(40),
                new Disconnect.Standing(
                        Disconnect.Phase.LIVE,
                        new ClientInfo("orders", "1.2", "orders-7"),
                        "",
                        new Disconnect.Progress(2, 4711, 4700L, 11, 900, Duration.ZERO)),
                new Disconnect.Evidence(104, "UNAVAILABLE")));
        assertThat(said())
                .containsExactly("watch stream 1f ended: cause=PEER_RESET origin=PEER phase=LIVE peer=10.0.0.7:4711"
                        + " client=orders/1.2 age=61.2s idle=40.0s sent=4711 acknowledged=4700 pending=11 errno=104"
                        + " transport=\"UNAVAILABLE\" advice=RESUME_AFTER_BACKOFF");
        assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(lines.list.get(0).getKeyValuePairs())
                .extracting(pair -> pair.key + "=" + pair.value)
                .contains(
                        LogFields.KIND + "=WATCH",
                        LogFields.STREAM + "=1f",
                        LogFields.CAUSE + "=PEER_RESET",
                        LogFields.CLIENT + "=orders/1.2",
                        LogFields.ERRNO + "=104",
                        LogFields.AGE_MS + "=61200");
        assertThat(recent.counts()).containsEntry(CloseCause.PEER_RESET, 1L);
    }

    @Test
    void expectedEnd_isNotSaid_unlessDebugging() {
        end(CloseCause.CLIENT_CANCELLED);
        assertThat(said()).isEmpty();
        logger.setLevel(Level.DEBUG);
        end(CloseCause.CLIENT_CANCELLED);
        assertThat(said()).hasSize(1);
    }

    /** What looked like the client's own end was not: it is said once more, as loud as it now is. */
    @Test
    void endThatGetsAnotherCause_isSaidWithIt() {
        log.ended(new Disconnect(
                Disconnect.Kind.WATCH,
                "1f",
                CloseCause.CLIENT_COMPLETED,
                Disconnect.Confidence.CERTAIN,
                "10.0.0.7:4711",
                Duration.ofSeconds(61),
                Duration.ofSeconds(60),
                new Disconnect.Standing(Disconnect.Phase.LIVE),
                new Disconnect.Evidence(null, "OK")));
        assertThat(said()).isEmpty();
        log.reported("1f", new Disconnect.ClientView(CloseCause.PEER_EOF, Duration.ofSeconds(60), ""));
        assertThat(said())
                .containsExactly("watch stream 1f ended: cause=INTERMEDIARY_IDLE origin=INTERMEDIARY phase=LIVE"
                        + " peer=10.0.0.7:4711 age=61.0s idle=60.0s transport=\"OK; the client saw PEER_EOF\""
                        + " advice=RESUME_NOW");
        assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
        log.reported("1f", new Disconnect.ClientView(CloseCause.PEER_EOF, Duration.ofSeconds(60), ""));
        assertThat(said()).as("once").hasSize(1);
    }

    @Test
    void manyEndsOfOneCause_areAFewLines_andThenACount() {
        for (int i = 0; i < 1_000; i++) {
            end(CloseCause.PEER_RESET);
        }
        end(CloseCause.PEER_EOF);
        assertThat(said()).hasSize(CloseLog.LINES + 1);

        now += 59 * SECOND;
        log.summarise();
        assertThat(said()).hasSize(CloseLog.LINES + 1);
        now += SECOND;
        log.summarise();
        assertThat(said())
                .hasSize(CloseLog.LINES + 2)
                .last()
                .asString()
                .startsWith("995 more")
                .contains("PEER_RESET");
        log.summarise();
        assertThat(said()).hasSize(CloseLog.LINES + 2);
    }

    @Test
    void nextMinute_isSaidAnew() {
        for (int i = 0; i < CloseLog.LINES; i++) {
            end(CloseCause.PEER_RESET);
        }
        now += CloseLog.WINDOW_NANOS;
        log.summarise();
        end(CloseCause.PEER_RESET);
        assertThat(said()).hasSize(CloseLog.LINES + 1);
    }

    private void end(CloseCause cause) {
        log.ended(new Disconnect(
                Disconnect.Kind.CONNECTION,
                "",
                cause,
                Disconnect.Confidence.CERTAIN,
                "10.0.0.7:4711",
                Duration.ZERO,
                Duration.ZERO,
                new Disconnect.Standing(Disconnect.Phase.HANDSHAKE),
                Disconnect.Evidence.NONE));
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
