package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.CloseCause;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.Endpoint;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.InstanceStatus;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets a clear error that names the field, the value and the rule, and loses nothing. */
class BadInputTest {

    private static final String NOBODY = "0123456789abcdef0123456789abcdef";

    @TempDir
    static Path data;

    private static LiveServer server;
    private static Client client;
    private static Client.Session session;

    @BeforeAll
    static void start() throws InterruptedException {
        server = LiveServer.start(data.resolve("data"));
        client = new Client(server.channel());
        session = client.openSession();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> badRegistrations() {
        return Stream.of(
                bad("namespace", "\"\"", r -> r.setNamespace("")),
                bad("namespace", "nnn", r -> r.setNamespace("n".repeat(65))),
                bad("service", "\"\"", r -> r.setService("")),
                bad("service", "a/b", r -> r.setService("a/b")),
                bad("service", "-orders", r -> r.setService("-orders")),
                bad("service", "sss", r -> r.setService("s".repeat(129))),
                bad("instance", "be given", r -> r.clearInstance()),
                bad("instance.id", "\"\"", r -> r.setInstance(Instance.getDefaultInstance())),
                bad("instance.id", "white space", r -> r.setInstance(Client.instance("white space"))),
                bad("instance.endpoints[0].port", "70000", r -> r.setInstance(endpoint("grpc", "h", 70_000))),
                bad("instance.endpoints[0].port", "0", r -> r.setInstance(endpoint("grpc", "h", 0))),
                bad("instance.endpoints[0].host", "host name", r -> r.setInstance(endpoint("grpc", "", 80))),
                bad("instance.weight", "10001", r -> r.setInstance(instance().setWeight(10_001))),
                bad("instance.zone", "zzz", r -> r.setInstance(instance().setZone("z".repeat(65)))),
                bad("instance.status", "77", r -> r.setInstance(instance().setStatusValue(77))),
                bad("request_id", "rrr", r -> r.setRequestId("r".repeat(65))),
                bad("session_id", "4 characters", r -> r.setSessionId("mine")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("badRegistrations")
    void register_badField_isInvalidArgument_namingIt(
            String field, String said, UnaryOperator<RegisterRequest.Builder> change) {
        RegisterRequest request = change.apply(RegisterRequest.newBuilder()
                        .setNamespace("bad")
                        .setService("orders")
                        .setInstance(Client.instance("i1"))
                        .setSessionId(session.id()))
                .build();

        refused(Status.Code.INVALID_ARGUMENT, () -> client.registration().register(request), error -> {
            assertThat(Conversation.Details.info(error).getReason()).isEqualTo("INVALID_REQUEST");
            assertThat(Conversation.Details.violation(error).getField()).isEqualTo(field);
            assertThat(Conversation.Details.violation(error).getDescription()).contains(said);
        });
        assertThat(client.catalog()
                        .listServices(ListServicesRequest.newBuilder()
                                .setNamespace("bad")
                                .build())
                        .getServicesList())
                .isEmpty();
    }

    @Test
    void register_unknownSession_isNotFound() {
        refused(
                Status.Code.NOT_FOUND,
                () -> client.register("bad", "orders", Client.instance("i1"), NOBODY),
                error ->
                        assertThat(Conversation.Details.info(error).getReason()).isEqualTo("SESSION_EXPIRED"));
    }

    static Stream<Arguments> oversizedInstances() {
        return Stream.of(
                Arguments.of("instance-bytes", "instance", "16384", instance().putAllMetadata(entries(20, 1_000))),
                Arguments.of(
                        "metadata-entries",
                        "instance.metadata",
                        "64",
                        instance().putAllMetadata(entries(65, 1))),
                Arguments.of(
                        "metadata-entry-bytes",
                        "instance.metadata[k0]",
                        "1024",
                        instance().putAllMetadata(entries(1, 1_024))),
                Arguments.of(
                        "instance-endpoints",
                        "instance.endpoints",
                        "16",
                        instance().addAllEndpoints(Collections.nCopies(17, Endpoint.getDefaultInstance()))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oversizedInstances")
    void register_oversized_isResourceExhausted_withLimitFieldAndValue_andNoRetry(
            String limit, String field, String allowed, Instance.Builder instance) {
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                () -> client.register("bad", "orders", instance.build(), session.id()),
                error -> {
                    assertThat(Conversation.Details.info(error).getReason()).isEqualTo("LIMIT_EXCEEDED");
                    assertThat(Conversation.Details.info(error).getMetadataMap())
                            .containsEntry("limit", limit)
                            .containsEntry("field", field)
                            .containsEntry("allowed", allowed)
                            .containsKey("value");
                    assertThat(Conversation.Details.hasRetry(error)).isFalse();
                });
    }

    private static Map<String, String> entries(int count, int valueCharacters) {
        return IntStream.range(0, count)
                .boxed()
                .collect(Collectors.toMap(number -> "k" + number, number -> "x".repeat(valueCharacters)));
    }

    @Test
    void requestOverOneMebibyte_isResourceExhausted() {
        Instance huge = Client.instance("huge").toBuilder()
                .putMetadata("k", "x".repeat(1 << 20))
                .build();
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                () -> client.register("bad", "orders", huge, session.id()),
                error -> {});
    }

    @Test
    void someoneElsesInstance_cannotBeDeregisteredOrChanged() throws InterruptedException {
        client.register("held", "orders", Client.instance("i1"), session.id());
        Client.Session other = client.openSession();

        refused(
                Status.Code.FAILED_PRECONDITION,
                () -> client.registration()
                        .deregister(DeregisterRequest.newBuilder()
                                .setNamespace("held")
                                .setService("orders")
                                .setInstanceId("i1")
                                .setSessionId(other.id())
                                .build()),
                error ->
                        assertThat(Conversation.Details.info(error).getReason()).isEqualTo("NOT_HOLDER"));
        refused(
                Status.Code.FAILED_PRECONDITION,
                () -> client.registration().updateStatus(status(InstanceStatus.INSTANCE_STATUS_DOWN, other.id())),
                error ->
                        assertThat(Conversation.Details.info(error).getReason()).isEqualTo("NOT_HOLDER"));

        assertThat(client.catalog()
                        .listInstances(ListInstancesRequest.newBuilder()
                                .setInterest(Client.service("held", "orders"))
                                .build())
                        .getInstances(0)
                        .getStatus())
                .isEqualTo(InstanceStatus.INSTANCE_STATUS_UP);
    }

    @Test
    void updateStatus_unspecified_isInvalidArgument() {
        refused(
                Status.Code.INVALID_ARGUMENT,
                () -> client.registration()
                        .updateStatus(status(InstanceStatus.INSTANCE_STATUS_UNSPECIFIED, session.id())),
                error -> assertThat(Conversation.Details.violation(error).getField())
                        .isEqualTo("status"));
    }

    @Test
    void list_badInterestOrCursor_isInvalidArgument() {
        refused(
                Status.Code.INVALID_ARGUMENT,
                () -> client.catalog().listInstances(ListInstancesRequest.getDefaultInstance()),
                error -> assertThat(Conversation.Details.violation(error).getField())
                        .isEqualTo("interest"));
        refused(
                Status.Code.INVALID_ARGUMENT,
                () -> client.catalog()
                        .listInstances(ListInstancesRequest.newBuilder()
                                .setInterest(Client.service("", "orders"))
                                .build()),
                error -> assertThat(Conversation.Details.violation(error).getField())
                        .isEqualTo("interest.namespace"));
        refused(
                Status.Code.INVALID_ARGUMENT,
                () -> client.catalog()
                        .listInstances(ListInstancesRequest.newBuilder()
                                .setInterest(Client.service("bad", "orders"))
                                .setMinCursor(Cursor.newBuilder().setRevision(1))
                                .build()),
                error -> assertThat(Conversation.Details.violation(error).getField())
                        .isEqualTo("min_cursor.epoch"));
    }

    @Test
    void list_minCursorOfAnotherEpoch_isAnsweredAtOnce_andOneFromTheFuture_isServerBehind() {
        Cursor now = client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("bad", "orders"))
                        .setMinCursor(Cursor.newBuilder().setEpoch("another").setRevision(Long.MAX_VALUE))
                        .build())
                .getCursor();

        refused(
                Status.Code.UNAVAILABLE,
                () -> client.catalog()
                        .listInstances(ListInstancesRequest.newBuilder()
                                .setInterest(Client.service("bad", "orders"))
                                .setMinCursor(now.toBuilder().setRevision(Long.MAX_VALUE))
                                .build()),
                error ->
                        assertThat(Conversation.Details.info(error).getReason()).isEqualTo("SERVER_BEHIND"));
    }

    static Stream<MethodDescriptor<?, ?>> unaryCalls() {
        return Stream.of(RegistrationServiceGrpc.getServiceDescriptor(), CatalogServiceGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream());
    }

    @ParameterizedTest
    @MethodSource("unaryCalls")
    void bytesThatAreNoRequest_areInvalidArgument(MethodDescriptor<?, ?> method) {
        MethodDescriptor<byte[], byte[]> raw = method.toBuilder(BYTES, BYTES).build();
        refused(
                Status.Code.INVALID_ARGUMENT,
                () -> ClientCalls.blockingUnaryCall(
                        server.channel(), raw, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), new byte[] {
                            -1, -1, -1, -1
                        }),
                error ->
                        assertThat(Conversation.Details.info(error).getReason()).isEqualTo("INVALID_REQUEST"));
    }

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream bytes) {
            try {
                return bytes.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    static Stream<Arguments> badWatches() {
        WatchRequest good = Client.subscribe(1, Client.service("bad", "orders"), null);
        return Stream.of(
                Arguments.of("subscribe before hello", new WatchRequest[] {good}),
                Arguments.of("second hello", new WatchRequest[] {Client.hello(), Client.hello()}),
                Arguments.of("empty frame", new WatchRequest[] {Client.hello(), WatchRequest.getDefaultInstance()}),
                Arguments.of("subscription id 0", new WatchRequest[] {
                    Client.hello(), Client.subscribe(0, Client.service("bad", "orders"), null)
                }),
                Arguments.of("subscription id taken", new WatchRequest[] {Client.hello(), good, good}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badWatches")
    void watch_brokenGrammar_endsTheStream(String what, WatchRequest[] frames) {
        Conversation<WatchRequest, WatchResponse> watch = client.watch();
        for (WatchRequest frame : frames) {
            watch.say(frame);
        }
        assertThat(watch.end().getCode()).as(what).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(watch.endInfo().getReason()).isEqualTo("INVALID_REQUEST");
        assertThat(watch.end().getDescription()).isNotEmpty();
    }

    static Stream<Arguments> badHellos() {
        return Stream.of(
                Arguments.of("hello.read_timeout_ms", WatchHello.newBuilder().setReadTimeoutMs(-1)),
                Arguments.of(
                        "hello.previous_close.idle_ms",
                        WatchHello.newBuilder()
                                .setPreviousClose(PreviousClose.newBuilder().setIdleMs(-1))),
                Arguments.of(
                        "hello.client.name",
                        WatchHello.newBuilder()
                                .setClient(ClientInfo.newBuilder().setName("n".repeat(65)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badHellos")
    void watch_badHello_endsTheStream_namingTheField(String field, WatchHello.Builder hello) {
        Conversation<WatchRequest, WatchResponse> watch = client.watch();
        watch.say(WatchRequest.newBuilder().setHello(hello).build());
        assertThat(watch.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(watch.endViolation().getField()).isEqualTo(field);
    }

    @Test
    void subscribe_tooManyLabels_endsTheSubscriptionWithALimit_withoutRetry() throws InterruptedException {
        Interest many = Client.service("bad", "orders").toBuilder()
                .putAllLabels(entries(17, 1))
                .build();
        Conversation<WatchRequest, WatchResponse> watch = client.watch();
        watch.say(Client.hello());
        watch.say(Client.subscribe(9, many, null));
        WatchResponse ended = watch.next(WatchResponse::hasSubscriptionEnded);
        assertThat(ended.getSubscriptionEnded().getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_LIMIT_EXCEEDED);
        assertThat(ended.getSubscriptionEnded().getMessage())
                .contains("interest-labels", "subscribe.interest.labels", "17");
        assertThat(ended.getSubscriptionEnded().getRetryAfterMs()).isZero();
        watch.cancel();
    }

    static Stream<Arguments> badSubscriptions() {
        Interest orders = Client.service("bad", "orders");
        return Stream.of(
                Arguments.of("subscribe.interest.namespace", Client.subscribe(9, Client.service("", "orders"), null)),
                Arguments.of("subscribe.interest.service", Client.subscribe(9, Client.service("bad", "a b"), null)),
                Arguments.of("subscribe.cursor.epoch", Client.subscribe(9, orders, Cursor.getDefaultInstance())),
                Arguments.of(
                        "subscribe.cursor.epoch",
                        Client.subscribe(
                                9,
                                orders,
                                Cursor.newBuilder().setEpoch("e".repeat(65)).build())),
                Arguments.of(
                        "subscribe.cursor.revision",
                        Client.subscribe(
                                9,
                                orders,
                                Cursor.newBuilder()
                                        .setEpoch("e")
                                        .setRevision(-1)
                                        .build())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badSubscriptions")
    void watch_badSubscription_endsAlone(String field, WatchRequest subscribe) throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(subscribe);
        WatchResponse ended = watch.next(WatchResponse::hasSubscriptionEnded);
        assertThat(ended.getSubscriptionId()).isEqualTo(9);
        assertThat(ended.getSubscriptionEnded().getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_INVALID_REQUEST);
        assertThat(ended.getSubscriptionEnded().getMessage()).contains(field);

        watch.say(Client.subscribe(9, Client.service("bad", "orders"), null));
        assertThat(watch.next(WatchResponse::hasSnapshot).getSubscriptionId()).isEqualTo(9);
        watch.cancel();
    }

    static Stream<Arguments> badAttaches() {
        AttachRequest open = AttachRequest.newBuilder()
                .setOpen(SessionOpen.getDefaultInstance())
                .build();
        AttachRequest heartbeat = AttachRequest.newBuilder()
                .setHeartbeat(SessionHeartbeat.getDefaultInstance())
                .build();
        return Stream.of(
                Arguments.of("frame", new AttachRequest[] {heartbeat}),
                Arguments.of("frame", new AttachRequest[] {AttachRequest.getDefaultInstance()}),
                Arguments.of("frame", new AttachRequest[] {open, open}),
                Arguments.of("open.ttl_ms", new AttachRequest[] {
                    AttachRequest.newBuilder()
                            .setOpen(SessionOpen.newBuilder().setTtlMs(100))
                            .build()
                }),
                Arguments.of("resume.session_id", new AttachRequest[] {
                    AttachRequest.newBuilder()
                            .setResume(SessionResume.newBuilder().setAttempt("a"))
                            .build()
                }),
                Arguments.of("resume.attempt", new AttachRequest[] {
                    AttachRequest.newBuilder()
                            .setResume(SessionResume.newBuilder().setSessionId(NOBODY))
                            .build()
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badAttaches")
    void attach_badFrame_endsTheStream(String field, AttachRequest[] frames) {
        Conversation<AttachRequest, AttachResponse> attach = client.attach();
        for (AttachRequest frame : frames) {
            attach.say(frame);
        }
        assertThat(attach.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(attach.endInfo().getReason()).isEqualTo("INVALID_REQUEST");
        assertThat(attach.endViolation().getField()).isEqualTo(field);
    }

    @Test
    void attach_resumeOfAnUnknownSession_isNotFound() throws InterruptedException {
        Conversation<AttachRequest, AttachResponse> attach = client.attach();
        attach.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder().setSessionId(NOBODY).setAttempt("a"))
                .build());
        assertThat(attach.next().getExpired().getCause()).isEqualTo(CloseCause.CLOSE_CAUSE_SESSION_EXPIRED);
        assertThat(attach.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(attach.endInfo().getReason()).isEqualTo("SESSION_EXPIRED");
    }

    private static Arguments bad(String field, String said, UnaryOperator<RegisterRequest.Builder> change) {
        return Arguments.of(field, said, change);
    }

    private static Instance.Builder instance() {
        return Client.instance("i1").toBuilder();
    }

    private static Instance.Builder endpoint(String name, String host, int port) {
        return instance()
                .clearEndpoints()
                .addEndpoints(Endpoint.newBuilder().setName(name).setHost(host).setPort(port));
    }

    private static UpdateStatusRequest status(InstanceStatus status, String by) {
        return UpdateStatusRequest.newBuilder()
                .setNamespace("held")
                .setService("orders")
                .setInstanceId("i1")
                .setSessionId(by)
                .setStatus(status)
                .build();
    }

    private static void refused(
            Status.Code code, Runnable call, java.util.function.Consumer<StatusRuntimeException> details) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call::run)
                .satisfies(error -> assertThat(error.getStatus().getCode()).isEqualTo(code))
                .satisfies(details);
    }
}
