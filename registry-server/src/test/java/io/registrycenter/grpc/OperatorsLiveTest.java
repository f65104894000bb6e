package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What operators are told about streams and their ends, over HTTP, by a server with real streams. */
class OperatorsLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path data;

    private static LiveServer server;
    private static WebTestClient http;

    @BeforeAll
    static void start() {
        server = LiveServer.start(data.resolve("data"));
        http = WebTestClient.bindToServer()
                .baseUrl("http://127.0.0.1:" + server.httpPort() + "/actuator")
                .responseTimeout(PATIENCE)
                .build();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void openStreams_areListed_watchAndAttach_withClientAndCursors_andNoWholeSessionId() throws Exception {
        Client client = new Client(server.channel());
        Client.Session session = client.openSession();
        client.register("list", "orders", Client.instance("i1"), session.id());
        Watch watch = watch("list-watcher", null);
        watch.stream().say(Client.subscribe(7, Client.service("list", "orders"), null));
        watch.stream().next(WatchResponse::hasSnapshot);

        http.get()
                .uri("/streams?namespace=list&service=orders")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.truncated")
                .isEqualTo(false)
                .jsonPath("$.streams.length()")
                .isEqualTo(1)
                .jsonPath("$.streams[0].id")
                .isEqualTo(watch.id())
                .jsonPath("$.streams[0].kind")
                .isEqualTo("WATCH")
                .jsonPath("$.streams[0].client.name")
                .isEqualTo("list-watcher")
                .jsonPath("$.streams[0].state")
                .isEqualTo("LIVE")
                .jsonPath("$.streams[0].ladder")
                .isEqualTo("EXACT")
                .jsonPath("$.streams[0].subscriptionCount")
                .isEqualTo(1)
                .jsonPath("$.streams[0].pendingChanges")
                .isEqualTo(0)
                .jsonPath("$.streams[0].sent")
                .value(Integer.class, value -> assertThat(value).isGreaterThan(0))
                .jsonPath("$.streams[0].subscriptions")
                .doesNotExist();

        String attaches = body("/streams?kind=attach&limit=1000");
        assertThat(attaches)
                .contains(session.id().substring(0, 6) + "...")
                .contains("\"phase\":\"ATTACHED\"")
                .doesNotContain(session.id())
                .doesNotContain(watch.id());

        http.get()
                .uri("/streams/" + watch.id())
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.subscriptions.length()")
                .isEqualTo(1)
                .jsonPath("$.subscriptions[0].id")
                .isEqualTo("7")
                .jsonPath("$.subscriptions[0].service")
                .isEqualTo("orders")
                .jsonPath("$.subscriptions[0].state")
                .isEqualTo("LIVE");
        watch.stream().cancel();
        session.stream().cancel();
    }

    @Test
    void acknowledgedRevision_isShown_whenTheClientHasAcknowledged() throws Exception {
        Watch watch = watch("acknowledging", null);
        WatchResponse heartbeat = watch.stream()
                .next(response ->
                        response.hasHeartbeat() && response.getHeartbeat().getSeq() > 0);
        watch.stream()
                .say(WatchRequest.newBuilder()
                        .setHeartbeatAck(io.registrycenter.proto.v1.WatchHeartbeatAck.newBuilder()
                                .setSeq(heartbeat.getHeartbeat().getSeq())
                                .setApplied(heartbeat.getHeartbeat().getCursor()))
                        .build());
        String revision =
                "\"acknowledged\":" + heartbeat.getHeartbeat().getCursor().getRevision();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> body("/streams/" + watch.id()).contains(revision));
        assertThat(body("/prometheus")).containsPattern("registry_watch_heartbeat_roundtrip_seconds_count [1-9]");
        watch.stream().cancel();
    }

    @Test
    void moreStreamsThanTheLimit_areTruncated_andAFilterThatIsWrongIsAProblem() throws Exception {
        Watch one = watch("one", null);
        Watch two = watch("two", null);
        http.get()
                .uri("/streams?limit=1&kind=watch")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.truncated")
                .isEqualTo(true)
                .jsonPath("$.watch")
                .value(Integer.class, value -> assertThat(value).isGreaterThanOrEqualTo(2))
                .jsonPath("$.streams.length()")
                .isEqualTo(1);
        assertThat(body("/streams?peer=127.0.0.1&kind=watch")).contains(one.id(), two.id());
        assertThat(body("/streams?peer=127.0.0.9")).doesNotContain(one.id());
        assertThat(body("/streams?state=live&kind=watch&limit=1000")).contains(one.id());
        assertThat(body("/streams?state=stalled")).doesNotContain(one.id());

        problem("/streams?limit=0", 400, "limit");
        problem("/streams?limit=1001", 400, "limit");
        problem("/streams?limit=many", 400, "");
        problem("/streams?state=fast", 400, "live, lagging, stalled");
        problem("/streams/nobody", 404, "nobody");
        problem("/disconnects?cause=BAD_LUCK", 400, "cause");
        one.stream().cancel();
        two.stream().cancel();
    }

    @Test
    void kickedWatch_isTold_andRemembered_andGone() throws Exception {
        Watch watch = watch("kicked", null);
        watch.stream().say(Client.subscribe(1, Client.service("kick", "orders"), null));
        watch.stream().next(WatchResponse::hasSnapshot);
        http.delete()
                .uri("/streams/" + watch.id())
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.cause")
                .isEqualTo("KICKED");
        assertThat(watch.stream().endInfo().getReason()).isEqualTo("KICKED");
        assertThat(watch.stream().endRetry().getRetryDelay().getSeconds()).isPositive();
        awaitBody("/disconnects?cause=kicked", watch.id());
        http.get()
                .uri("/disconnects?cause=KICKED&limit=1000")
                .exchange()
                .expectBody()
                .jsonPath("$.recent[?(@.id=='" + watch.id() + "')].phase")
                .isEqualTo("LIVE")
                .jsonPath("$.recent[?(@.id=='" + watch.id() + "')].progress.subscriptions")
                .isEqualTo(1)
                .jsonPath("$.recent[?(@.id=='" + watch.id() + "')].said")
                .isEqualTo("an operator ended the stream")
                .jsonPath("$.recent[?(@.id=='" + watch.id() + "')].client.name")
                .isEqualTo("kicked");
        http.delete().uri("/streams/" + watch.id()).exchange().expectStatus().isNotFound();
    }

    @Test
    void kickedSession_isTold_andKeepsItsInstancesForTheGrace() throws Exception {
        Client client = new Client(server.channel());
        Client.Session session = client.openSession();
        client.register("kick", "payments", Client.instance("i1"), session.id());
        String id = idOf(session);
        http.delete().uri("/streams/" + id).exchange().expectStatus().isOk();
        assertThat(session.stream().endInfo().getReason()).isEqualTo("KICKED");
        awaitBody("/disconnects?cause=kicked&limit=1000", id);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> body("/sessions?limit=1000").contains(session.id().substring(0, 6) + "..."));
        assertThat(body("/sessions?limit=1000")).doesNotContain(session.id());
        assertThat(http.get()
                        .uri("http://127.0.0.1:" + server.httpPort()
                                + "/api/v1/namespaces/kick/services/payments/instances")
                        .exchange()
                        .returnResult(String.class)
                        .getResponseBody()
                        .blockFirst(PATIENCE))
                .contains("i1");
    }

    @Test
    void endsOfEveryKind_areRemembered_withTheirEvidence() throws Exception {
        try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), server.grpcPort())) {
            raw.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            raw.getInputStream().readAllBytes();
        }
        awaitBody("/disconnects?cause=PROTOCOL_MISMATCH", "\"phase\":\"HANDSHAKE\"");
        try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), server.grpcPort())) {
            raw.getOutputStream().write("PRI * HT".getBytes(StandardCharsets.US_ASCII));
            awaitBody("/tcp", "ESTABLISHED");
            // The server's greeting is unread: this resets.
            raw.setSoLinger(true, 0);
        }
        awaitBody("/disconnects?cause=PEER_RESET", "\"errno\":104");
        awaitBody("/disconnects?cause=PEER_RESET", "\"confidence\":\"CERTAIN\"");
        Watch watch = watch("cancelling", null);
        watch.stream().cancel();
        awaitBody("/disconnects?cause=CLIENT_CANCELLED&expected=true&limit=1000", watch.id());
        http.get()
                .uri("/disconnects?limit=1")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.unexpected")
                .value(Integer.class, value -> assertThat(value).isGreaterThanOrEqualTo(2))
                .jsonPath("$.expected")
                .value(Integer.class, value -> assertThat(value).isGreaterThanOrEqualTo(1))
                .jsonPath("$.byCause[?(@.cause=='PROTOCOL_MISMATCH')].expected")
                .isEqualTo(false)
                .jsonPath("$.recent.length()")
                .isEqualTo(1);
        assertThat(body("/disconnects?expected=false&limit=1000")).doesNotContain(watch.id());
    }

    @Test
    void whatTheClientSaw_isAddedToTheEnd_andShownWithItsNextStream() throws Exception {
        Watch first = watch("returning", null);
        first.stream().cancel();
        awaitBody("/disconnects?cause=CLIENT_CANCELLED&limit=1000", first.id());
        Watch next = watch(
                "returning",
                PreviousClose.newBuilder()
                        .setStreamId(first.id())
                        .setCause(CloseCause.CLOSE_CAUSE_PEER_RESET)
                        .setIdleMs(60_000)
                        .setDetail("ECONNRESET after a minute")
                        .build());
        http.get()
                .uri("/streams/" + next.id())
                .exchange()
                .expectBody()
                .jsonPath("$.previousClose.streamId")
                .isEqualTo(first.id())
                .jsonPath("$.previousClose.cause")
                .isEqualTo("PEER_RESET");
        http.get()
                .uri("/disconnects?limit=1000")
                .exchange()
                .expectBody()
                .jsonPath("$.recent[?(@.id=='" + first.id() + "')].clientSaw.detail")
                .isEqualTo("ECONNRESET after a minute");
        next.stream().cancel();
    }

    /** As through HAProxy, whose timer of silence ends the two streams it made of one in an orderly way. */
    @Test
    void streamThatBothEndsSayTheOtherEnded_wasEndedInBetween_andStaysCountedAsItWas() throws Exception {
        Watch first = watch("behind-a-proxy", null);
        first.stream()
                .next(response ->
                        response.hasHeartbeat() && response.getHeartbeat().getSeq() > 3);
        first.stream().complete();
        awaitBody("/disconnects?cause=CLIENT_COMPLETED&limit=1000", first.id());
        Watch next = watch(
                "behind-a-proxy",
                PreviousClose.newBuilder()
                        .setStreamId(first.id())
                        .setCause(CloseCause.CLOSE_CAUSE_PEER_EOF)
                        .setIdleMs(2_000)
                        .build());
        http.get()
                .uri("/disconnects?cause=INTERMEDIARY_IDLE")
                .exchange()
                .expectBody()
                .jsonPath("$.recent[0].id")
                .isEqualTo(first.id())
                .jsonPath("$.recent[0].confidence")
                .isEqualTo("LIKELY")
                .jsonPath("$.recent[0].expected")
                .isEqualTo(false)
                .jsonPath("$.recent[0].countedAs")
                .isEqualTo("CLIENT_COMPLETED")
                .jsonPath("$.byCause[?(@.cause=='INTERMEDIARY_IDLE')]")
                .isEmpty();
        next.stream().cancel();
    }

    @Test
    void timeouts_areShown_withEachRuleAndItsVerdict() {
        http.get()
                .uri("/timeouts")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.consistent")
                .isEqualTo(true)
                .jsonPath("$.values[?(@.property=='registry.watch.heartbeat-interval')].ms")
                .isEqualTo(400)
                .jsonPath("$.rules[?(@.verdict=='FAIL')]")
                .isEmpty()
                .jsonPath("$.rules[?(@.verdict=='NOT_CHECKED')].rule")
                .isEqualTo("registry.watch.heartbeat-interval < registry.intermediary.idle-timeout / 2");
    }

    @Test
    void sockets_areShown_whereTheSystemTells() throws Exception {
        Watch watch = watch("tcp", null);
        http.get()
                .uri("/tcp")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.available")
                .isEqualTo(true)
                .jsonPath("$.connections.LISTEN")
                .value(Integer.class, value -> assertThat(value).isGreaterThanOrEqualTo(2))
                .jsonPath("$.descriptors.open")
                .value(Integer.class, value -> assertThat(value).isGreaterThan(0))
                .jsonPath("$.counters.resetsSent")
                .exists();
        assertThat(body("/prometheus"))
                .containsPattern("registry_tcp_connections\\{state=\"LISTEN\"\\} [2-9]")
                .contains("registry_tcp_listen_overflows_total", "process_files_open_files");
        watch.stream().cancel();
    }

    @Test
    void propagationAndCommits_areTimed() throws Exception {
        Client client = new Client(server.channel());
        Client.Session session = client.openSession();
        Watch watch = watch("timed", null);
        watch.stream().say(Client.subscribe(1, Client.service("timed", "orders"), null));
        watch.stream().next(WatchResponse::hasSnapshot);
        client.register("timed", "orders", Client.instance("i1"), session.id());
        watch.stream().next(response -> response.getDeltasCount() > 0);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(body("/prometheus"))
                        .containsPattern("registry_watch_propagation_seconds_count [1-9]")
                        .containsPattern("registry_watch_propagation_seconds_bucket\\{le=\"0.001\"\\}")
                        .containsPattern("registry_store_commit_seconds_count\\{outcome=\"COMMITTED\"\\} [1-9]")
                        .containsPattern("registry_store_writes_total [1-9]"));
        watch.stream().cancel();
        session.stream().cancel();
    }

    /** A watch stream that was welcomed. */
    private record Watch(Conversation<WatchRequest, WatchResponse> stream, String id) {}

    private static Watch watch(String name, @org.jspecify.annotations.Nullable PreviousClose previous)
            throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> stream = new Client(server.channel()).watch();
        WatchHello.Builder hello = WatchHello.newBuilder()
                .setClient(ClientInfo.newBuilder().setName(name).setVersion("1"));
        if (previous != null) {
            hello.setPreviousClose(previous);
        }
        stream.say(WatchRequest.newBuilder().setHello(hello).build());
        return new Watch(
                stream, stream.next(WatchResponse::hasWelcome).getWelcome().getStreamId());
    }

    /** The session's stream as operators know it. */
    private static String idOf(Client.Session session) {
        String all = body("/streams?kind=attach&limit=1000");
        int at = all.indexOf(session.id().substring(0, 6));
        String before = all.substring(0, at);
        int id = before.lastIndexOf("\"id\":\"") + "\"id\":\"".length();
        return before.substring(id, before.indexOf('"', id));
    }

    private static void problem(String uri, int status, String detail) {
        String body = http.get()
                .uri(uri)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
        assertThat(body).contains(detail);
    }

    private static void awaitBody(String uri, String part) {
        Awaitility.await().atMost(PATIENCE).until(() -> body(uri).contains(part));
    }

    private static String body(String uri) {
        return Objects.requireNonNull(http.get()
                .uri(uri)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody());
    }
}
