package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.SubscriptionEnded;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every limit of the transport has its own explicit answer, is counted, and is free again afterwards. */
class LimitsLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int NO_ERROR = 0;

    @TempDir
    Path data;

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<LiveServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(LiveServer::close);
    }

    @Test
    void streamsPerConnection_watchAndAttachTogether_areRefusedOverTheLimit_withRetry() throws Exception {
        LiveServer server = start("--registry.grpc.streams-per-connection=2");
        Client client = new Client(server.channel());
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        Client.Session session = client.openSession();

        Conversation<WatchRequest, WatchResponse> third = client.watch();
        assertRefused(third, "streams-per-connection", 2, 3);
        Conversation<AttachRequest, AttachResponse> fourth = client.attach();
        assertRefused(fourth, "streams-per-connection", 2, 3);

        assertThat(limitHits(server, "streams-per-connection")).isEqualTo(2);
        assertThat(client.catalog()
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .listServices(ListServicesRequest.newBuilder()
                                .setNamespace("shop")
                                .build())
                        .getCursor()
                        .getEpoch())
                .as("unary calls are served beside the limit")
                .isNotEmpty();
        watch.cancel();
        session.stream().cancel();
    }

    @Test
    void streamsPerConnection_areFreeAgain_byEveryKindOfEnd() throws Exception {
        LiveServer server = start("--registry.grpc.streams-per-connection=2");
        Client client = new Client(server.channel());

        Conversation<WatchRequest, WatchResponse> cancelled = client.greetedWatch();
        cancelled.cancel();
        awaitStreams(server, 0);
        Conversation<WatchRequest, WatchResponse> completed = client.greetedWatch();
        completed.complete();
        assertThat(completed.end()).isEqualTo(Status.OK);
        awaitStreams(server, 0);
        Conversation<WatchRequest, WatchResponse> halfClosedThenCancelled = client.greetedWatch();
        halfClosedThenCancelled.complete();
        halfClosedThenCancelled.cancel();
        awaitStreams(server, 0);
        Conversation<WatchRequest, WatchResponse> broken = client.watch();
        broken.say(WatchRequest.getDefaultInstance());
        assertThat(broken.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        awaitStreams(server, 0);
        Conversation<WatchRequest, WatchResponse> late = new Conversation<>();
        var unused = WatchServiceGrpc.newStub(server.channel())
                .withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                .watch(late);
        assertThat(late.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        awaitStreams(server, 0);
        Client.Session session = client.openSession();
        session.stream().complete();
        assertThat(session.stream().end()).isEqualTo(Status.OK);
        awaitStreams(server, 0);

        Conversation<WatchRequest, WatchResponse> one = client.greetedWatch();
        Conversation<WatchRequest, WatchResponse> two = client.greetedWatch();
        awaitStreams(server, 2);
        server.channel().shutdownNow();
        assertThat(one.end()).isNotNull();
        assertThat(two.end()).isNotNull();
        await(() -> connections(server).all().isEmpty());
        assertThat(limitHits(server, "streams-per-connection")).isZero();
    }

    @Test
    void connectionsPerNode_overTheLimit_areRefusedByStatus_andClosed_nobodyElseNotices() throws Exception {
        LiveServer server = start("--registry.grpc.max-connections=2");
        Conversation<WatchRequest, WatchResponse> served = new Client(server.channel()).greetedWatch();
        ManagedChannel second = channel(server);
        Conversation<WatchRequest, WatchResponse> alsoServed = new Client(second).greetedWatch();

        try (RawPeer raw = new RawPeer(server.grpcPort())) {
            raw.greet();
            RawPeer.Goodbye goodbye = Objects.requireNonNull(raw.untilClosed(), "a GOAWAY");
            assertThat(goodbye.errorCode()).isEqualTo(NO_ERROR);
            assertThat(goodbye.debugData()).contains("connections-per-node").contains("2");
        }
        Client refused = new Client(channel(server));
        Conversation<WatchRequest, WatchResponse> watch = refused.watch();
        watch.say(Client.hello());
        Conversation<AttachRequest, AttachResponse> attach = refused.attach();
        assertRefused(watch, "connections-per-node", 2, 3);
        assertRefused(attach, "connections-per-node", 2, 3);
        assertThatThrownBy(() ->
                        new Client(channel(server)).catalog().listServices(ListServicesRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        unary -> assertThat(Conversation.Details.info(unary).getMetadataMap())
                                .containsEntry("limit", "connections-per-node"));

        assertThat(limitHits(server, "connections-per-node"))
                .as("once for a connection, however many calls it had")
                .isEqualTo(3);
        await(() -> connections(server).limit().turnedAwayNow() == 0);
        assertThat(connectionCloses(server)).isEqualTo(Map.of("LIMIT_EXCEEDED", 3L));
        assertThat(streamCloses(server)).as("no stream was welcomed").isZero();
        assertStillAnswered(served);
        assertStillAnswered(alsoServed);

        second.shutdownNow();
        await(() -> connections(server).limit().servedNow() == 1);
        new Client(channel(server)).greetedWatch().cancel();
    }

    @Test
    void connectionsPerNode_farOverTheLimit_waitOutside_andAreServedWhenThereIsRoom() throws Exception {
        LiveServer server = start("--registry.grpc.max-connections=1");
        Conversation<WatchRequest, WatchResponse> served = new Client(server.channel()).greetedWatch();
        List<RawPeer> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < GrpcConnections.TURNED_AWAY + 50; i++) {
                crowd.add(new RawPeer(server.grpcPort()));
            }
            for (RawPeer one : crowd) {
                assertThat(one.untilClosed()).isNotNull();
            }
        } finally {
            for (RawPeer one : crowd) {
                one.close();
            }
        }
        assertStillAnswered(served);
        await(() -> connections(server).limit().turnedAwayNow() == 0);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(connectionCloses(server))
                        .as("they never spoke, and were told all the same")
                        .isEqualTo(Map.of("LIMIT_EXCEEDED", GrpcConnections.TURNED_AWAY + 50L)));
        assertThat(connections(server).all()).hasSize(1);

        server.channel().shutdownNow();
        await(() -> connections(server).limit().servedNow() == 0);
        new Client(channel(server)).greetedWatch().cancel();
    }

    @Test
    void handshakesPerSecond_overTheRate_areRefused_withRetry() throws Exception {
        LiveServer server = start("--registry.grpc.handshakes-per-second=1");
        Client client = new Client(server.channel());
        Conversation<WatchRequest, WatchResponse> inside = client.greetedWatch();
        List<Conversation<WatchRequest, WatchResponse>> watches = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            watches.add(client.watch());
        }
        await(() -> limitHits(server, "handshakes-per-second") >= 10
                && watches.stream().anyMatch(Conversation::hasEnded));
        Conversation<WatchRequest, WatchResponse> refused =
                watches.stream().filter(Conversation::hasEnded).findFirst().orElseThrow();
        assertRefused(refused, "handshakes-per-second", 1, 2);
        assertStillAnswered(inside);
        inside.cancel();
        watches.forEach(Conversation::cancel);
        awaitStreams(server, 0);
    }

    /** gRPC refuses the message by itself; its client is told the limit all the same. */
    @Test
    void messageBytes_over_endTheStream_withLimitAndAllowed() throws Exception {
        LiveServer server = start();
        Client client = new Client(server.channel());
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("n".repeat(1 << 20), "orders"), null));
        assertTooLong(watch);
        Conversation<AttachRequest, AttachResponse> session = client.openSession().stream();
        session.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder().setSessionId("s".repeat(1 << 20)))
                .build());
        assertTooLong(session);
        assertThat(limitHits(server, "message-bytes")).isEqualTo(2);
        awaitStreams(server, 0);
        assertThat(client.greetedWatch().hasEnded())
                .as("the connection goes on")
                .isFalse();
    }

    private static void assertTooLong(Conversation<?, ?> stream) throws InterruptedException {
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(stream.end().getDescription()).contains("message-bytes is " + (1 << 20));
        assertThat(stream.endInfo().getReason()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(stream.endInfo().getMetadataMap())
                .isEqualTo(Map.of("limit", "message-bytes", "allowed", Integer.toString(1 << 20)));
    }

    @Test
    void snapshotsPerSecond_overTheRate_endTheSubscription_withRetry_andTheStreamGoesOn() throws Exception {
        LiveServer server = start("--registry.watch.snapshots-per-second=1");
        Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
        for (int i = 1; i <= 20; i++) {
            watch.say(Client.subscribe(i, Client.service("many", "service-" + i), null));
        }
        WatchResponse answer = watch.next(WatchResponse::hasSubscriptionEnded);
        SubscriptionEnded ended = answer.getSubscriptionEnded();
        assertThat(ended.getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_LIMIT_EXCEEDED);
        assertThat(ended.getRetryAfterMs()).isBetween(1_000L, 3_000L);
        assertThat(ended.getMessage()).contains("snapshots-per-second");
        assertThat(limitHits(server, "snapshots-per-second")).isPositive();
        assertStillAnswered(watch);

        // The same id again, until it is served: nothing of the refused subscription is left.
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
            watch.say(Client.subscribe(99, Client.service("many", "another"), null));
            WatchResponse next = watch.next(
                    response -> response.getSubscriptionId() == 99 && (response.hasSnapshot() || ended(response)));
            return next.hasSnapshot();
        });
        watch.cancel();
        await(() -> server.bean(io.registrycenter.watch.Hub.class).stats().subscriptions() == 0);
    }

    @Test
    void everyMeter_isThere_withItsTags() throws Exception {
        LiveServer server = start();
        for (Meters meter : Meters.values()) {
            assertThat(server.bean(MeterRegistry.class).find(meter.meterName()).meters())
                    .as(meter.meterName())
                    .isNotEmpty()
                    .allSatisfy(found -> assertThat(found.getId().getTags())
                            .extracting(tag -> tag.getKey())
                            .containsExactlyElementsOf(meter.tags()));
        }
    }

    private static boolean ended(WatchResponse response) {
        return response.hasSubscriptionEnded();
    }

    private LiveServer start(String... settings) {
        LiveServer server = LiveServer.start(data.resolve("data"), settings);
        servers.add(server);
        return server;
    }

    private ManagedChannel channel(LiveServer server) {
        ManagedChannel channel = server.newChannel();
        channels.add(channel);
        return channel;
    }

    private static void assertRefused(Conversation<?, ?> refused, String limit, int allowed, int value) {
        assertThat(refused.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        ErrorInfo info = refused.endInfo();
        assertThat(info.getReason()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(info.getMetadataMap())
                .containsEntry("limit", limit)
                .containsEntry("allowed", Integer.toString(allowed))
                .containsEntry("value", Integer.toString(value));
        assertThat(refused.endRetry().getRetryDelay().getSeconds()).isPositive();
    }

    private static void assertStillAnswered(Conversation<WatchRequest, WatchResponse> watch)
            throws InterruptedException {
        assertThat(watch.hasEnded()).isFalse();
        long seq = watch.next(response ->
                        response.hasHeartbeat() && response.getHeartbeat().getSeq() > 0)
                .getHeartbeat()
                .getSeq();
        assertThat(seq).isPositive();
    }

    private static GrpcConnections connections(LiveServer server) {
        return server.bean(GrpcTransport.class).connections();
    }

    private static void awaitStreams(LiveServer server, int expected) {
        await(() -> connections(server).all().stream()
                        .mapToInt(LimitsLiveTest::streams)
                        .sum()
                == expected);
    }

    private static int streams(GrpcConnection connection) {
        return connection
                .channel()
                .eventLoop()
                .submit(connection::streams)
                .awaitUninterruptibly()
                .getNow();
    }

    private static long limitHits(LiveServer server, String limit) {
        return (long)
                server
                        .bean(MeterRegistry.class)
                        .find(Meters.LIMITS_HIT.meterName())
                        .tag("limit", limit)
                        .meters()
                        .stream()
                        .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                        .sum();
    }

    /** Ends of watch and attach streams. */
    private static double streamCloses(LiveServer server) {
        return Stream.of(Meters.WATCH_CLOSES, Meters.ATTACH_CLOSES)
                .flatMap(meter -> server.bean(MeterRegistry.class).find(meter.meterName()).meters().stream())
                .mapToDouble(meter -> meter.measure().iterator().next().getValue())
                .sum();
    }

    /** How many connections closed, by cause. */
    private static Map<String, Long> connectionCloses(LiveServer server) {
        return server.bean(MeterRegistry.class).get(Meters.CONNECTION_CLOSES.meterName()).counters().stream()
                .filter(counter -> counter.count() > 0)
                .collect(Collectors.toMap(
                        counter -> String.valueOf(counter.getId().getTag("cause")), counter -> (long) counter.count()));
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).until(condition::getAsBoolean);
    }
}
