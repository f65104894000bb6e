package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.registrycenter.catalog.CloseCause;
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
    private final CloseLog log = new CloseLog(() -> now);

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
    void unexpectedEnd_isOneLine_withCausePeerAgeIdleAndAdvice() {
        log.ended("watch stream 1f", CloseCause.KEEPALIVE_TIMEOUT, "10.0.0.7:4711", 61_200_000_000L, 40_000_000_000L);
        assertThat(said())
                .containsExactly(
                        "watch stream 1f ended: cause=KEEPALIVE_TIMEOUT origin=NETWORK peer=10.0.0.7:4711 age=61.2s"
                                + " idle=40.0s advice=RESUME_AFTER_BACKOFF");
        assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void expectedEnd_isNotSaid_unlessDebugging() {
        end(CloseCause.CLIENT_CANCELLED);
        assertThat(said()).isEmpty();
        logger.setLevel(Level.DEBUG);
        end(CloseCause.CLIENT_CANCELLED);
        assertThat(said()).hasSize(1);
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
        log.ended("connection", cause, "10.0.0.7:4711", 0, 0);
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
