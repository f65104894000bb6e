package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.Proof;
import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainState;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.WatchStats;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** A server that leaves, as its clients and operators see it. */
class DrainLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Interest ORDERS = Client.service("shop", "orders");

    @TempDir
    Path data;

    @Test
    void drain_asksThenRefuses_thenEndsEachStreamWithItsCause_andServesUnaryCallsToTheEnd() throws Exception {
        try (LiveServer server = LiveServer.start(data, "--registry.drain.timeout=20s")) {
            WebTestClient http = http(server);
            Client client = new Client(server.channel());
            Client.Session session = client.openSession();
            client.register("shop", "orders", Client.instance("i1"), session.id());
            Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
            watch.say(Client.subscribe(1, ORDERS, null));
            watch.next(WatchResponse::hasSnapshot);
            readiness(http, "UP", HttpStatus.OK);
            assertThat(health(server, "")).isEqualTo(ServingStatus.SERVING);
            assertThat(health(server, "registrycenter.v1.WatchService")).isEqualTo(ServingStatus.SERVING);

            http.post()
                    .uri("/actuator/drain")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.requestedBy")
                    .isEqualTo("OPERATOR");
            var asked = watch.next(WatchResponse::hasDrain).getDrain();
            assertThat(asked.getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_DRAINING);
            assertThat(asked.getDeadlineMs()).isEqualTo(20_000);
            assertThat(asked.getReconnectAfterMs()).isZero();
            assertThat(session.stream()
                            .next(AttachResponse::hasDrain)
                            .getDrain()
                            .getCause())
                    .isEqualTo(CloseCause.CLOSE_CAUSE_DRAINING);
            readiness(http, "DRAINING", HttpStatus.SERVICE_UNAVAILABLE);
            liveness(http);
            await(() -> health(server, "") == ServingStatus.NOT_SERVING);
            assertThat(health(server, "registrycenter.v1.WatchService")).isEqualTo(ServingStatus.NOT_SERVING);

            Conversation<WatchRequest, WatchResponse> refused = client.watch();
            assertThat(refused.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(refused.endInfo().getReason()).isEqualTo("DRAINING");
            assertThat(refused.endRetry().getRetryDelay().getSeconds()).isBetween(1L, 2L);
            Conversation<AttachRequest, AttachResponse> unattached = client.attach();
            assertThat(unattached.endInfo().getReason()).isEqualTo("DRAINING");

            assertThat(watch.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(watch.endInfo().getReason()).isEqualTo("DRAINING");
            assertThat(session.stream().endInfo().getReason()).isEqualTo("DRAINING");
            await(() -> server.bean(Drain.class).state() == DrainState.DRAINED);
            http.get()
                    .uri("/actuator/drain")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.state")
                    .isEqualTo("DRAINED")
                    .jsonPath("$.streams")
                    .isEqualTo(0)
                    .jsonPath("$.streamsForced")
                    .isEqualTo(0)
                    .jsonPath("$.remainingMillis")
                    .isEqualTo(0);
            tooLate(http);
            client.registration().register(registered("i2", session.id()));
            await(() -> instances(client) == 2);
            ManagedChannel newcomer = server.newChannel();
            try {
                assertThat(new Client(newcomer).watch().endInfo().getReason()).isEqualTo("DRAINING");
                assertThat(instances(new Client(newcomer))).isEqualTo(2);
            } finally {
                newcomer.shutdownNow();
            }
        }
    }

    @Test
    void cancel_beforeAnybodyWasSentAway_servesAgain_andTheNextDrainWorks() throws Exception {
        try (LiveServer server = LiveServer.start(data)) {
            WebTestClient http = http(server);
            http.post().uri("/actuator/drain").exchange().expectStatus().isOk();
            readiness(http, "DRAINING", HttpStatus.SERVICE_UNAVAILABLE);
            http.delete()
                    .uri("/actuator/drain")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.state")
                    .isEqualTo("SERVING");
            readiness(http, "UP", HttpStatus.OK);
            await(() -> health(server, "") == ServingStatus.SERVING);
            Client client = new Client(server.channel());
            Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();

            http.post().uri("/actuator/drain").exchange().expectStatus().isOk();
            watch.next(WatchResponse::hasDrain);
            assertThat(watch.endInfo().getReason()).isEqualTo("DRAINING");
            tooLate(http);
        }
    }

    @Test
    void aBareClient_seesTheGoodbye_whenItIsSentAway() throws Exception {
        try (LiveServer server = LiveServer.start(data)) {
            try (RawPeer peer = new RawPeer(server.grpcPort())) {
                peer.greet();
                await(() -> server.bean(Drain.class).status().connections() == 1);
                http(server)
                        .post()
                        .uri("/actuator/drain")
                        .exchange()
                        .expectStatus()
                        .isOk();
                assertThat(peer.untilGoodbye()).as("NO_ERROR").isEqualTo(new RawPeer.Goodbye(0, "app_requested"));
            }
        }
    }

    @Test
    void aConnectionThatNeverSpoke_isClosed_andSaysSo() throws Exception {
        Map<io.registrycenter.catalog.CloseCause, Counter> closes =
                new EnumMap<>(io.registrycenter.catalog.CloseCause.class);
        try (LiveServer leaving = LiveServer.start(data);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), leaving.grpcPort())) {
            assertThat(silent.isConnected()).isTrue();
            await(() -> leaving.bean(GrpcTransport.class).connections().all().size() == 1);
            for (var cause : io.registrycenter.catalog.CloseCause.values()) {
                closes.put(
                        cause,
                        leaving.bean(MeterRegistry.class)
                                .get(Meters.CONNECTION_CLOSES.meterName())
                                .tag("cause", cause.name())
                                .counter());
            }
            leaving.stop();
        }
        closes.values().removeIf(counter -> counter.count() == 0);
        assertThat(closes).containsOnlyKeys(io.registrycenter.catalog.CloseCause.DRAINING);
    }

    @Test
    void cancel_whenClientsWereAsked_butNobodyWasSentAway_whoStaysIsServed_whoMovedComesBack_nothingIsLost()
            throws Exception {
        // The first is sent away two seconds after it was asked.
        try (LiveServer server = LiveServer.start(data, "--registry.drain.timeout=20s")) {
            WebTestClient http = http(server);
            Client client = new Client(server.channel());
            Client.Session session = client.openSession();
            client.register("shop", "orders", Client.instance("i1"), session.id());
            Conversation<WatchRequest, WatchResponse> stays = subscribed(client);
            ManagedChannel another = server.newChannel();
            Client mover = new Client(another);
            Conversation<WatchRequest, WatchResponse> moves = subscribed(mover);

            http.post().uri("/actuator/drain").exchange().expectStatus().isOk();
            http.delete()
                    .uri("/actuator/drain")
                    .exchange()
                    .expectStatus()
                    .isOk()
                    .expectBody()
                    .jsonPath("$.state")
                    .isEqualTo("SERVING")
                    .jsonPath("$.connectionsSentAway")
                    .isEqualTo(0);
            stays.next(WatchResponse::hasDrain);
            session.stream().next(AttachResponse::hasDrain);
            moves.next(WatchResponse::hasDrain);
            Cursor left = client.register("shop", "orders", Client.instance("i2"), session.id())
                    .getCursor();
            moves.next(response -> response.getDeltasCount() > 0);
            moves.cancel();
            // It was told to move, and nobody can take that back.
            WatchStats stats = server.bean(Hub.class).stats();
            await(() -> stats.closes(io.registrycenter.catalog.CloseCause.DRAINING) == 1);
            Cursor missed = client.register("shop", "orders", Client.instance("i3"), session.id())
                    .getCursor();

            Conversation<WatchRequest, WatchResponse> back = mover.greetedWatch();
            back.say(Client.subscribe(1, ORDERS, left));
            WatchResponse resumed = back.next(response -> response.getSubscriptionId() == 1);
            assertThat(resumed.getDeltasList())
                    .as("what it missed, and no snapshot: %s", resumed)
                    .extracting(Delta::getRevision)
                    .containsExactly(missed.getRevision());
            for (String id : List.of("i2", "i3")) {
                assertThat(stays.next(response -> response.getDeltasCount() > 0)
                                .getDeltas(0)
                                .getChanges(0)
                                .getPut()
                                .getId())
                        .isEqualTo(id);
            }
            readiness(http, "UP", HttpStatus.OK);
            assertThat(stays.hasEnded()).isFalse();
            assertThat(session.stream().hasEnded()).isFalse();
            assertThat(server.bean(Drain.class).status().connectionsSentAway()).isZero();

            http.post().uri("/actuator/drain").exchange().expectStatus().isOk();
            for (Conversation<WatchRequest, WatchResponse> watch : List.of(stays, back)) {
                watch.next(WatchResponse::hasDrain);
                assertThat(watch.endInfo().getReason()).isEqualTo("DRAINING");
            }
            assertThat(session.stream().endInfo().getReason()).isEqualTo("DRAINING");
            another.shutdownNow();
        }
    }

    private static Conversation<WatchRequest, WatchResponse> subscribed(Client client) throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, ORDERS, null));
        watch.next(WatchResponse::hasSnapshot);
        return watch;
    }

    @Test
    void aStalledClient_isForcedAtTheDeadline_alone_andTheServerStopsInTime() throws Exception {
        try (LiveServer server = LiveServer.start(data, "--registry.drain.timeout=2s")) {
            Client client = new Client(server.channel());
            Client.Session session = client.openSession();
            String payload = "x".repeat(1_000);
            for (int i = 0; i < 600; i++) {
                client.registration().register(registered("i" + i, session.id(), payload));
            }
            Conversation<WatchRequest, WatchResponse> reading = client.greetedWatch();
            WatchStats stats = server.bean(Hub.class).stats();
            ManagedChannel other = server.newNarrowChannel();
            Conversation<WatchRequest, WatchResponse> stalled = new Client(other).stalledWatch(ORDERS);
            await(() -> server.bean(Hub.class).streams().size() == 2);

            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::stop);
            assertThat(reading.endInfo().getReason()).isEqualTo("DRAINING");
            assertThat(session.stream().endInfo().getReason()).isEqualTo("DRAINING");
            stopped.get(20, TimeUnit.SECONDS);
            assertThat(stats.closes(io.registrycenter.catalog.CloseCause.DRAIN_FORCED))
                    .isEqualTo(1);
            assertThat(stats.closes(io.registrycenter.catalog.CloseCause.DRAINING))
                    .isEqualTo(1);
            assertThat(stats.streams()).isZero();
            stalled.cancel();
            other.shutdownNow();
        }
    }

    @Test
    void registrationsInFlight_finishOrFail_andWhatWasAcknowledgedIsThere_afterTheRestart_withoutAChange()
            throws Exception {
        int rounds = Proof.times(2, 5);
        @Nullable Cursor before = null;
        int acknowledged = 0;
        for (int round = 0; round < rounds; round++) {
            List<String> ids = new ArrayList<>();
            try (LiveServer server = LiveServer.start(data)) {
                Client client = new Client(server.channel());
                if (before != null) {
                    Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
                    watch.say(Client.subscribe(1, ORDERS, before));
                    WatchResponse first = watch.next(response -> response.getSubscriptionId() == 1);
                    assertThat(first.hasHeartbeat())
                            .as("nothing was missed: " + first)
                            .isTrue();
                    watch.complete();
                }
                assertThat(instances(client)).isEqualTo(acknowledged);
                Client.Session session = client.openSession();
                String mine = "r" + round + "-";
                CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        try {
                            client.registration().register(registered(mine + i, session.id()));
                            synchronized (ids) {
                                ids.add(mine + i);
                            }
                        } catch (io.grpc.StatusRuntimeException left) {
                            assertThat(left.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                            return;
                        }
                    }
                });
                await(() -> {
                    synchronized (ids) {
                        return ids.size() >= 20;
                    }
                });
                server.stop();
                writer.get(30, TimeUnit.SECONDS);
            }
            acknowledged += ids.size();
            try (LiveServer reader = LiveServer.start(data)) {
                Client client = new Client(reader.channel());
                int found = instances(client);
                assertThat(found)
                        .as("acknowledged and no more than one unanswered")
                        .isBetween(acknowledged, acknowledged + 1);
                acknowledged = found;
                before = client.catalog()
                        .listInstances(ListInstancesRequest.newBuilder()
                                .setInterest(ORDERS)
                                .build())
                        .getCursor();
            }
        }
    }

    private static io.registrycenter.proto.v1.RegisterRequest registered(String id, String session) {
        return registered(id, session, "");
    }

    private static io.registrycenter.proto.v1.RegisterRequest registered(String id, String session, String payload) {
        return io.registrycenter.proto.v1.RegisterRequest.newBuilder()
                .setNamespace("shop")
                .setService("orders")
                .setInstance(Client.instance(id).toBuilder().putMetadata("payload", payload))
                .setSessionId(session)
                .build();
    }

    private static int instances(Client client) {
        return client.catalog()
                .listInstances(
                        ListInstancesRequest.newBuilder().setInterest(ORDERS).build())
                .getInstancesCount();
    }

    private static ServingStatus health(LiveServer server, String service) {
        return HealthGrpc.newBlockingStub(server.channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private static void readiness(WebTestClient http, String status, HttpStatus code) {
        http.get()
                .uri("/actuator/health/readiness")
                .exchange()
                .expectStatus()
                .isEqualTo(code)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status)
                .jsonPath("$.components.node.status")
                .isEqualTo(status)
                .jsonPath("$.components.node.details.drain")
                .exists();
    }

    private static void liveness(WebTestClient http) {
        http.get().uri("/actuator/health/liveness").exchange().expectStatus().isOk();
    }

    private static void tooLate(WebTestClient http) {
        http.delete()
                .uri("/actuator/drain")
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.CONFLICT)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(409)
                .jsonPath("$.detail")
                .exists();
    }

    private static WebTestClient http(LiveServer server) {
        return WebTestClient.bindToServer()
                .baseUrl("http://127.0.0.1:" + server.httpPort())
                .responseTimeout(PATIENCE)
                .build();
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .atMost(PATIENCE)
                .until(condition::getAsBoolean);
    }
}
