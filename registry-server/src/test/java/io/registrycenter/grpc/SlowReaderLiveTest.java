package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.PreviousEnd;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.web.reactive.server.WebTestClient;

/** A client that stops reading in the middle of a snapshot holds its place, is seen by operators, and is ended by one. */
class SlowReaderLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Together more than one part of a snapshot. */
    private static final int INSTANCES = 40;

    /** The smallest there is. */
    private static final int CLIENT_WINDOW_BYTES = 64 * 1024;

    @TempDir
    Path data;

    /** Takes the welcome and nothing more. */
    private static final class Reluctant implements ClientResponseObserver<WatchRequest, WatchResponse> {
        final CompletableFuture<String> streamId = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<WatchRequest> out;

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> requests) {
            out = requests;
            requests.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(WatchResponse response) {
            streamId.complete(response.getWelcome().getStreamId());
        }

        @Override
        public void onError(Throwable ended) {
            streamId.completeExceptionally(ended);
        }

        @Override
        public void onCompleted() {
            streamId.completeExceptionally(new AssertionError("completed"));
        }

        void say(WatchRequest request) {
            Objects.requireNonNull(out).onNext(request);
        }

        /** What it did not read would never be released. */
        void abandon() {
            Objects.requireNonNull(out).cancel("the test is done", null);
            Objects.requireNonNull(out).request(Integer.MAX_VALUE);
        }
    }

    @Test
    void slowReader_holdsThePlace_othersAreToldWhenToComeBack_andAnOperatorEndsIt() throws Exception {
        try (LiveServer server = LiveServer.start(
                data.resolve("data"),
                "--registry.watch.concurrent-snapshots=1",
                "--registry.watch.reset-after=500ms",
                "--registry.watch.heartbeat-timeout=60s",
                "--registry.watch.client-read-timeout=90s")) {
            WebTestClient http = WebTestClient.bindToServer()
                    .baseUrl("http://127.0.0.1:" + server.httpPort() + "/actuator")
                    .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(1 << 20))
                    .responseTimeout(PATIENCE)
                    .build();
            Client client = new Client(server.channel());
            Client.Session session = client.openSession();
            for (int i = 0; i < INSTANCES; i++) {
                client.register("slow", "big", BigInstances.one("i" + i), session.id());
            }
            Conversation<WatchRequest, WatchResponse> inside = client.greetedWatch();

            Reluctant reluctant = new Reluctant();
            ManagedChannel slowChannel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                    .usePlaintext()
                    .flowControlWindow(CLIENT_WINDOW_BYTES)
                    .build();
            var unused = WatchServiceGrpc.newStub(slowChannel).watch(reluctant);
            reluctant.say(Client.hello());
            String slowId = reluctant.streamId.join();
            reluctant.say(Client.subscribe(1, Client.service("slow", "big"), null));
            await(() -> body(http, "/streams?state=stalled").contains(slowId));
            http.get()
                    .uri("/streams/" + slowId)
                    .exchange()
                    .expectBody()
                    .jsonPath("$.ladder")
                    .isEqualTo("SNAPSHOT")
                    .jsonPath("$.stalledMs")
                    .value(Integer.class, value -> assertThat(value).isPositive())
                    .jsonPath("$.subscriptions[0].state")
                    .isEqualTo("SNAPSHOT");

            inside.say(Client.subscribe(1, Client.service("slow", "nothing"), null));
            SubscriptionEnded refused =
                    inside.next(WatchResponse::hasSubscriptionEnded).getSubscriptionEnded();
            assertThat(refused.getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_LIMIT_EXCEEDED);
            assertThat(refused.getMessage()).contains("concurrent-snapshots");
            assertThat(refused.getRetryAfterMs()).isBetween(1_000L, 3_000L);
            assertThat(inside.next(WatchResponse::hasHeartbeat).getHeartbeat().getSeq())
                    .as("its stream goes on")
                    .isPositive();
            await(() -> body(http, "/prometheus").contains("registry_watch_condition{condition=\"STALLED\"} 1.0"));
            assertThat(body(http, "/prometheus"))
                    .containsPattern("registry_limits_hit_total\\{limit=\"concurrent-snapshots\"\\} [1-9]");

            http.delete().uri("/streams/" + slowId).exchange().expectStatus().isOk();
            await(() -> body(http, "/disconnects?cause=KICKED").contains(slowId));
            assertThat(body(http, "/disconnects?cause=KICKED")).contains("\"phase\":\"SYNCING\"");
            inside.say(Client.subscribe(2, Client.service("slow", "nothing"), null));
            assertThat(inside.next(response -> response.getSubscriptionId() == 2)
                            .hasSnapshot())
                    .as("the place is free")
                    .isTrue();
            assertThat(endToldAtTheNextHello(client, slowId))
                    .as("what the client could not read")
                    .isEqualTo(PreviousEnd.newBuilder()
                            .setStreamId(slowId)
                            .setCause(CloseCause.CLOSE_CAUSE_KICKED)
                            .setMessage("an operator ended the stream")
                            .build());
            assertThat(endToldAtTheNextHello(client, "0123456789abcdef"))
                    .as("of a stream that was never here")
                    .isEqualTo(PreviousEnd.getDefaultInstance());
            inside.cancel();
            reluctant.abandon();
            slowChannel.shutdownNow();
        }
    }

    /** As a client that saw its connection break. */
    private static PreviousEnd endToldAtTheNextHello(Client client, String streamId) throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> next = client.watch();
        next.say(WatchRequest.newBuilder()
                .setHello(WatchHello.newBuilder()
                        .setPreviousClose(PreviousClose.newBuilder()
                                .setStreamId(streamId)
                                .setCause(CloseCause.CLOSE_CAUSE_PEER_RESET)))
                .build());
        PreviousEnd told = next.next(WatchResponse::hasWelcome).getWelcome().getPreviousEnd();
        next.cancel();
        return told;
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).until(condition::getAsBoolean);
    }

    private static String body(WebTestClient http, String uri) {
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
