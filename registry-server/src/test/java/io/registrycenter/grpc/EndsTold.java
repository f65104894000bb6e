package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect.Kind;
import io.registrycenter.observe.LogFields;
import io.registrycenter.observe.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a live server tells of an end, which must be the same everywhere: the metric, {@code /actuator/disconnects} and the log.
 *
 * <p>Listens to the log from the first {@link #before} on; no server may be closed and another one started after that, which
 * would begin the log anew. Driven by one thread.
 */
public final class EndsTold implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Logger logger = (Logger) LoggerFactory.getLogger(CloseLog.class);
    private final Lines lines = new Lines();
    private final JsonMapper json = new JsonMapper();

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        final Queue<ILoggingEvent> said = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent line) {
            said.add(line);
        }
    }

    /** Remembers what this server has told of a cause so far. */
    public Before before(LiveServer server, Kind kind, CloseCause cause) {
        if (!logger.isAttached(lines)) {
            lines.start();
            logger.addAppender(lines);
            logger.setLevel(Level.DEBUG);
        }
        return new Before(server, kind, cause);
    }

    @Override
    public void close() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    /** How things stood before an end. */
    public final class Before {
        private final WebTestClient http;
        private final MeterRegistry meters;
        private final Kind kind;
        private final CloseCause cause;
        private final double counted;
        private final long inHistogram;
        private final int remembered;

        private Before(LiveServer server, Kind kind, CloseCause cause) {
            this.http = WebTestClient.bindToServer()
                    .baseUrl("http://127.0.0.1:" + server.httpPort() + "/actuator/disconnects")
                    .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(8 << 20))
                    .responseTimeout(PATIENCE)
                    .build();
            this.meters = server.bean(MeterRegistry.class);
            this.kind = kind;
            this.cause = cause;
            this.counted = counted();
            JsonNode answer = answer();
            this.inHistogram = inHistogram(answer);
            this.remembered = remembered(answer).size();
        }

        /** Waits until so many more ends of this cause were told, and returns them as the endpoint tells them, newest first. */
        public List<JsonNode> more(int ends) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(remembered(answer()))
                            .as("%s in the endpoint", cause)
                            .hasSize(remembered + ends));
            assertThat(counted()).as("%s in the metric", cause).isEqualTo(counted + ends);
            JsonNode answer = answer();
            assertThat(inHistogram(answer)).as("%s in the histogram", cause).isGreaterThanOrEqualTo(inHistogram + ends);
            List<JsonNode> newest = remembered(answer).subList(0, ends);
            newest.forEach(end -> {
                assertEndpoint(end);
                assertLog(end);
            });
            return newest;
        }

        private double counted() {
            Meters meter = switch (kind) {
                case WATCH -> Meters.WATCH_CLOSES;
                case ATTACH -> Meters.ATTACH_CLOSES;
                case CONNECTION -> Meters.CONNECTION_CLOSES;
            };
            return meters.get(meter.meterName())
                    .tag("cause", cause.name())
                    .tag("expected", Boolean.toString(cause.expected()))
                    .meter()
                    .measure()
                    .iterator()
                    .next()
                    .getValue();
        }

        private JsonNode answer() {
            return json.readTree(http.get()
                    .uri("?limit=1000&cause=" + cause)
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody(byte[].class)
                    .returnResult()
                    .getResponseBody());
        }

        private List<JsonNode> remembered(JsonNode answer) {
            List<JsonNode> ends = new ArrayList<>();
            for (JsonNode end : answer.get("recent")) {
                if (end.get("kind").asString().equals(kind.name())) {
                    ends.add(end);
                }
            }
            return ends;
        }

        /** Of streams and connections together. */
        private long inHistogram(JsonNode answer) {
            for (JsonNode count : answer.get("byCause")) {
                if (count.get("cause").asString().equals(cause.name())) {
                    assertThat(count.get("expected").asBoolean()).isEqualTo(cause.expected());
                    assertThat(count.get("origin").asString())
                            .isEqualTo(cause.origin().name());
                    return count.get("count").asLong();
                }
            }
            return 0;
        }

        private void assertEndpoint(JsonNode end) {
            assertThat(end.get("kind").asString()).isEqualTo(kind.name());
            assertThat(end.get("cause").asString()).isEqualTo(cause.name());
            assertThat(end.get("origin").asString()).isEqualTo(cause.origin().name());
            assertThat(end.get("expected").asBoolean()).isEqualTo(cause.expected());
            assertThat(end.get("advice").asString()).isEqualTo(cause.advice().name());
            assertThat(end.get("confidence").asString()).as("of %s", end).isEqualTo("CERTAIN");
            assertThat(end.get("phase").asString()).isNotEmpty();
            assertThat(end.get("peer").asString()).startsWith("127.0.0.1:");
            assertThat(end.get("ageMs").asLong()).isNotNegative();
            assertThat(end.get("idleMs").asLong()).isNotNegative();
            assertThat(end.has("progress") && !end.get("progress").isNull()).isEqualTo(kind == Kind.WATCH);
        }

        /** One line; where nothing was wrong not louder than INFO. */
        private void assertLog(JsonNode end) {
            String id = end.get("id").asString();
            String begin = kind.words() + (id.isEmpty() ? "" : " " + id) + " ended: cause=";
            String peer = " peer=" + end.get("peer").asString() + " ";
            Awaitility.await().atMost(PATIENCE).until(() -> !said(begin, peer).isEmpty());
            assertThat(said(begin, peer)).hasSize(1).allSatisfy(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.convertAnSLF4JLevel(CloseLog.level(cause)));
                assertThat(line.getLevel().isGreaterOrEqual(Level.WARN)).isEqualTo(!cause.expected());
                assertThat(line.getFormattedMessage())
                        .startsWith(begin + cause + " origin=" + cause.origin() + " phase=")
                        .contains(peer, " age=", " idle=")
                        .endsWith(" advice=" + cause.advice());
                assertThat(line.getKeyValuePairs())
                        .extracting(pair -> pair.key + "=" + pair.value)
                        .contains(LogFields.CAUSE + "=" + cause);
            });
        }

        private List<ILoggingEvent> said(String begin, String peer) {
            return lines.said.stream()
                    .filter(line -> line.getFormattedMessage().startsWith(begin)
                            && line.getFormattedMessage().contains(peer))
                    .toList();
        }
    }
}
