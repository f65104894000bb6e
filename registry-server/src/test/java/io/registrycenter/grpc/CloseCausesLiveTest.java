package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect.Kind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every cause a server can see is provoked over a real socket, and told the same by the metric, {@code /actuator/disconnects}
 * and the log. What a client sees of it is the client's to show.
 */
@Timeout(120)
class CloseCausesLiveTest {

    /** Causes that no server decides on by what it sees. */
    private static final Set<CloseCause> NOT_SEEN_HERE = EnumSet.of(
            // Told by the client.
            CloseCause.READ_TIMEOUT,
            CloseCause.CONNECT_REFUSED,
            CloseCause.CONNECT_TIMEOUT,
            CloseCause.CLIENT_FAULT,
            // With security, later.
            CloseCause.DENIED,
            // Inferred.
            CloseCause.INTERMEDIARY_IDLE,
            CloseCause.INTERMEDIARY_RESTART,
            CloseCause.NAT_EXPIRED,
            CloseCause.CLIENT_PROCESS_DIED,
            CloseCause.STALE_CONNECTION,
            // What is left when nothing was seen.
            CloseCause.UNKNOWN);

    private static final int ECONNRESET = 104;
    private static final int ETIMEDOUT = 110;

    @TempDir
    static Path directory;

    private static ProvokedEnds ends;

    @BeforeAll
    static void start() throws Exception {
        ends = new ProvokedEnds(directory);
        ends.beginSilence();
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            ends.awaitNothingLeft();
        } finally {
            ends.close();
        }
    }

    @AfterEach
    void letGo() {
        ends.letGo();
    }

    static Set<CloseCause> seenHere() {
        return EnumSet.complementOf(EnumSet.copyOf(NOT_SEEN_HERE));
    }

    @ParameterizedTest
    @MethodSource("seenHere")
    void cause_provoked_isToldInMetricEndpointAndLog(CloseCause cause) throws Exception {
        JsonNode end = provoke(cause);
        boolean stream = !end.get("kind").asString().equals(Kind.CONNECTION.name());
        assertThat(end.has("transport")).as("the transport's word in %s", end).isEqualTo(stream || end.has("errno"));
        boolean byServer = cause.origin() == CloseCause.Origin.SERVER;
        assertThat(end.has("said"))
                .as("what the client was told in %s", end)
                .isEqualTo(stream && (byServer || cause == CloseCause.CLIENT_COMPLETED));
        switch (cause) {
            case PEER_RESET -> assertThat(end.get("errno").asInt()).isEqualTo(ECONNRESET);
            case NETWORK_LOST -> assertThat(end.get("errno").asInt()).isEqualTo(ETIMEDOUT);
            case SLOW_CONSUMER, DRAIN_FORCED ->
                assertThat(end.get("progress").get("pendingChanges").asLong()).isPositive();
            default -> {
                // Its evidence is the cause itself.
            }
        }
    }

    /** How each is provoked, and what ends for it. A new cause does not compile until it is said how it comes about. */
    private static JsonNode provoke(CloseCause cause) throws Exception {
        return switch (cause) {
            case DRAINING -> ends.drained();
            case MAX_AGE -> ends.watchThatGrowsOld();
            case CLIENT_COMPLETED -> ends.watch(cause, Conversation::complete);
            case CLIENT_CANCELLED -> ends.watch(cause, Conversation::cancel);
            case PROBE_CONNECT -> ends.connection(cause, peer -> {});
            case SLOW_CONSUMER -> ends.watchThatIsNotRead();
            case HEARTBEAT_TIMEOUT -> ends.watchThatDoesNotAcknowledge();
            case IDLE_TIMEOUT -> ends.watchThatSaysNothing();
            case LIMIT_EXCEEDED -> ends.watch(cause, ProvokedEnds::sayTooMuch);
            case TOO_MANY_PINGS -> ends.connection(cause, ProvokedEnds::flood);
            case INVALID_REQUEST -> ends.watch(cause, watch -> watch.say(Client.hello()));
            case FENCED -> ends.sessionThatIsTakenOver();
            case SESSION_EXPIRED -> ends.sessionThatNeverWas();
            case SERVER_BEHIND -> ends.sessionWhereTheStoreIsOutOfReach();
            case KICKED -> ends.kicked();
            case DRAIN_FORCED -> ends.watchThatCannotBeMoved();
            case SERVER_FAULT -> ends.sessionWhereTheStoreIsBroken();
            case PEER_RESET -> ends.relayed(cause, link -> link.reset());
            case PEER_EOF -> ends.relayed(cause, link -> link.finish());
            case CLIENT_DEADLINE -> ends.watchWithADeadline();
            case KEEPALIVE_TIMEOUT -> ends.silenceThatEnded();
            case NETWORK_LOST -> ends.networkThatIsLost();
            case PROTOCOL_MISMATCH -> ends.connection(cause, ProvokedEnds::sayHttp1);
            case TLS_FAILED -> ends.distrusted();
            case HTTP2_ERROR -> ends.connection(cause, ProvokedEnds::breakHttp2);
            case READ_TIMEOUT,
                    CONNECT_REFUSED,
                    CONNECT_TIMEOUT,
                    DENIED,
                    INTERMEDIARY_IDLE,
                    INTERMEDIARY_RESTART,
                    NAT_EXPIRED,
                    CLIENT_PROCESS_DIED,
                    STALE_CONNECTION,
                    CLIENT_FAULT,
                    UNKNOWN -> throw new IllegalArgumentException(cause + " is not seen here");
        };
    }

    @Test
    void connectionThatSaysGoodbye_isClientCompleted() throws Exception {
        JsonNode end = ends.connection(CloseCause.CLIENT_COMPLETED, peer -> {
            peer.greet();
            peer.goodbye();
            peer.finish();
            var unused = peer.untilClosed();
        });
        assertThat(end.get("phase").asString()).isEqualTo("LIVE");
    }
}
