package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Who moves on from member to member, and what is said of it. */
class EndpointsTest {

    private static final int MEMBERS = 3;

    private final Logger logger = (Logger) LoggerFactory.getLogger(Endpoints.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    /** Nothing is called, so nothing need listen. */
    private final Endpoints endpoints = new Endpoints(
            "calls",
            EtcdSettings.plain(
                    IntStream.range(1, 1 + MEMBERS)
                            .mapToObj(port -> URI.create("http://127.0.0.1:" + port))
                            .toList(),
                    "/t/"),
            Runnable::run,
            0);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
        endpoints.close();
    }

    private List<Level> said() {
        return lines.list.stream().map(ILoggingEvent::getLevel).toList();
    }

    @Test
    void whoFails_isLeftOnce_andTheLastIsFollowedByTheFirst() {
        var first = endpoints.current();
        endpoints.failed(first);
        var second = endpoints.current();
        endpoints.failed(first);
        assertThat(endpoints.current()).as("somebody had moved on already").isEqualTo(second);
        endpoints.failed(second);
        endpoints.failed(endpoints.current());
        assertThat(endpoints.current()).isEqualTo(first);
    }

    @Test
    void whileNobodyAnswers_theFirstMoveIsNews() {
        for (int i = 0; i < MEMBERS + 1; i++) {
            endpoints.failed(endpoints.current());
        }
        assertThat(said()).containsExactly(Level.INFO, Level.DEBUG, Level.DEBUG, Level.DEBUG);

        endpoints.answered();
        endpoints.failed(endpoints.current());
        endpoints.failed(endpoints.current());
        assertThat(said()).endsWith(Level.INFO, Level.DEBUG).hasSize(MEMBERS + 3);
    }
}
