package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.registrycenter.catalog.ClientInfo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Heartbeats every 20 s that may be acknowledged 10 s late, so a read timeout must be above 30 s. */
class ReadTimeoutsTest {

    private static final ClientInfo SHOP = new ClientInfo("shop", "1", "shop-1");

    private final Logger logger = (Logger) LoggerFactory.getLogger(ReadTimeouts.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long nanos;
    private final ReadTimeouts timeouts = new ReadTimeouts(
            new ServerNumbers(
                    "node-1",
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    1_000,
                    100,
                    1 << 20),
            () -> nanos);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
    }

    @Test
    void one_that_is_long_enough_or_not_announced_is_not_mentioned() {
        timeouts.check(SHOP, Duration.ofMillis(30_001));
        timeouts.check(SHOP, Duration.ZERO);
        assertThat(said()).isEmpty();
    }

    @Test
    void one_that_is_too_short_is_mentioned_at_most_once_a_minute() {
        timeouts.check(SHOP, Duration.ofSeconds(30));
        timeouts.check(SHOP, Duration.ofSeconds(5));
        assertThat(said()).singleElement().asString().contains("Client shop", "after 30000 ms", "more than 30000 ms");
        nanos += TimeUnit.MINUTES.toNanos(1);
        timeouts.check(SHOP, Duration.ofSeconds(5));
        assertThat(said()).hasSize(2).last().asString().contains("after 5000 ms", " 1 more such");
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
