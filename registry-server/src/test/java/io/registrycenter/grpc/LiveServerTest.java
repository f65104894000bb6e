package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.InstanceStatus;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.ListInstancesResponse;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SessionGoodbye;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call of the wire contract against the whole server over TCP, with BlockHound watching the event loops. */
class LiveServerTest {

    @TempDir
    static Path data;

    private static LiveServer server;
    private static Client client;

    @BeforeAll
    static void start() {
        server = LiveServer.start(data.resolve("data"));
        client = new Client(server.channel());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void register_isListed_atItsCursor() throws InterruptedException {
        Client.Session session = client.openSession();

        RegisterResponse registered = client.register("shop", "listed", Client.instance("i1"), session.id());

        assertThat(registered.getInstance().getCreatedRevision())
                .isEqualTo(registered.getCursor().getRevision());
        assertThat(registered.getInstance().getWeight()).isEqualTo(100);
        ListInstancesResponse list = client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("shop", "listed"))
                        .setMinCursor(registered.getCursor())
                        .build());
        assertThat(list.getInstancesList()).containsExactly(registered.getInstance());
        assertThat(list.getStale()).isFalse();
        assertThat(client.catalog()
                        .listServices(ListServicesRequest.newBuilder()
                                .setNamespace("shop")
                                .build())
                        .getServicesList())
                .anySatisfy(service -> {
                    assertThat(service.getName()).isEqualTo("listed");
                    assertThat(service.getInstances()).isEqualTo(1);
                    assertThat(service.getUp()).isEqualTo(1);
                });
    }

    @Test
    void watch_seesRegisterStatusAndDeregister_asDeltasInOrder() throws InterruptedException {
        Client.Session session = client.openSession();
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(5, Client.service("shop", "watched"), null));
        WatchResponse first = watch.next(answer -> answer.getSubscriptionId() == 5);
        assertThat(first.getSnapshot().getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_INITIAL);
        assertThat(first.getSnapshot().getLast()).isTrue();
        assertThat(first.getSnapshot().getTotal()).isZero();

        RegisterResponse registered = client.register("shop", "watched", Client.instance("i1"), session.id());
        Delta put = nextDelta(watch, 5);
        assertThat(put.getRevision()).isEqualTo(registered.getCursor().getRevision());
        assertThat(put.getChanges(0).getPut()).isEqualTo(registered.getInstance());

        Cursor leaving = client.registration()
                .updateStatus(UpdateStatusRequest.newBuilder()
                        .setNamespace("shop")
                        .setService("watched")
                        .setInstanceId("i1")
                        .setSessionId(session.id())
                        .setStatus(InstanceStatus.INSTANCE_STATUS_LEAVING)
                        .build())
                .getCursor();
        Delta changed = nextDelta(watch, 5);
        assertThat(changed.getRevision()).isEqualTo(leaving.getRevision());
        assertThat(changed.getAfter()).isEqualTo(put.getRevision());
        assertThat(changed.getChanges(0).getPut().getStatus()).isEqualTo(InstanceStatus.INSTANCE_STATUS_LEAVING);

        Cursor gone = deregister("watched", "i1", session.id());
        Delta removed = nextDelta(watch, 5);
        assertThat(removed.getRevision()).isEqualTo(gone.getRevision());
        assertThat(removed.getChanges(0).getRemoval().getReason()).isEqualTo(RemovalReason.REMOVAL_REASON_DEREGISTERED);
        watch.complete();
        assertThat(watch.end()).isEqualTo(Status.OK);
    }

    @Test
    void watch_resumedFromItsCursor_getsExactlyWhatItMissed() throws InterruptedException {
        Client.Session session = client.openSession();
        RegisterResponse first = client.register("shop", "resumed", Client.instance("i1"), session.id());
        RegisterResponse missed = client.register("shop", "resumed", Client.instance("i2"), session.id());

        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "resumed"), first.getCursor()));
        watch.say(Client.subscribe(2, Client.service("shop", "resumed"), missed.getCursor()));

        Delta delta = nextDelta(watch, 1);
        assertThat(delta.getRevision()).isEqualTo(missed.getCursor().getRevision());
        assertThat(delta.getChanges(0).getPut().getId()).isEqualTo("i2");
        WatchResponse nothingMissed = watch.next(answer -> answer.getSubscriptionId() == 2);
        assertThat(nothingMissed.hasHeartbeat()).isTrue();
        watch.cancel();
    }

    @Test
    void watch_withTheCursorOfAnotherEpoch_getsASnapshotThatSaysSo() throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(
                1,
                Client.service("shop", "elsewhere"),
                Cursor.newBuilder().setEpoch("another").setRevision(7).build()));
        WatchResponse answer = watch.next(a -> a.getSubscriptionId() == 1);
        assertThat(answer.getSnapshot().getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
        watch.cancel();
    }

    @Test
    void watch_getsHeartbeats_andIsKeptByAcknowledgingThem() throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        for (int i = 0; i < 3; i++) {
            WatchResponse heartbeat = watch.next(WatchResponse::hasHeartbeat);
            assertThat(heartbeat.getSubscriptionId()).isZero();
            watch.say(WatchRequest.newBuilder()
                    .setHeartbeatAck(WatchHeartbeatAck.newBuilder()
                            .setSeq(heartbeat.getHeartbeat().getSeq())
                            .setApplied(heartbeat.getHeartbeat().getCursor()))
                    .build());
        }
        watch.cancel();
    }

    @Test
    void watch_ofANamespace_seesOnlyWhatItsLabelsMatch() throws InterruptedException {
        Client.Session session = client.openSession();
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(
                1,
                Interest.newBuilder()
                        .setNamespace("labelled")
                        .putLabels("version", "2")
                        .build(),
                null));
        watch.next(WatchResponse::hasSnapshot);
        client.register(
                "labelled",
                "a",
                Client.instance("old").toBuilder().putMetadata("version", "1").build(),
                session.id());
        RegisterResponse wanted = client.register("labelled", "b", Client.instance("new"), session.id());

        Delta delta = nextDelta(watch, 1);
        assertThat(delta.getRevision()).isEqualTo(wanted.getCursor().getRevision());
        assertThat(delta.getChanges(0).getPut().getService()).isEqualTo("b");
        watch.cancel();
    }

    @Test
    void session_heartbeat_isAnswered_andGoodbye_removesItsInstances() throws InterruptedException {
        Client.Session session = client.openSession();
        client.register("shop", "goodbye", Client.instance("i1"), session.id());
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "goodbye"), null));
        watch.next(WatchResponse::hasSnapshot);

        session.stream()
                .say(AttachRequest.newBuilder()
                        .setHeartbeat(SessionHeartbeat.getDefaultInstance())
                        .build());
        assertThat(session.stream().next().hasHeartbeat()).isTrue();
        session.stream()
                .say(AttachRequest.newBuilder()
                        .setGoodbye(SessionGoodbye.getDefaultInstance())
                        .build());
        session.stream().complete();

        assertThat(session.stream().end()).isEqualTo(Status.OK);
        assertThat(nextDelta(watch, 1).getChanges(0).getRemoval().getReason())
                .isEqualTo(RemovalReason.REMOVAL_REASON_DEREGISTERED);
        watch.cancel();
    }

    @Test
    void session_whoseStreamBreaks_isResumed_withoutAnyChange() throws InterruptedException {
        Client.Session session = client.openSession();
        RegisterResponse registered = client.register("shop", "link", Client.instance("i1"), session.id());
        session.stream().cancel();

        Conversation<AttachRequest, AttachResponse> again = client.attach();
        again.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder()
                        .setSessionId(session.id())
                        .setFence(session.opened().getFence())
                        .setAttempt("attempt-1"))
                .build());

        assertThat(again.next().getOpened().getFence())
                .isGreaterThan(session.opened().getFence());
        assertThat(list("link").getInstancesList()).containsExactly(registered.getInstance());
        again.cancel();
    }

    @Test
    void session_whoseStreamStaysAway_expires_andItsInstancesGoWithTheReason() throws InterruptedException {
        Client.Session session = client.openSession();
        client.register("shop", "expiring", Client.instance("i1"), session.id());
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "expiring"), null));
        watch.next(WatchResponse::hasSnapshot);

        session.stream().cancel();

        assertThat(nextDelta(watch, 1).getChanges(0).getRemoval().getReason())
                .isEqualTo(RemovalReason.REMOVAL_REASON_SESSION_EXPIRED);
        watch.cancel();
    }

    @Test
    void manyInstances_comeAsASnapshotInParts() throws InterruptedException {
        Client.Session session = client.openSession();
        String text = "x".repeat(1_000);
        for (int i = 0; i < 60; i++) {
            Instance.Builder big = Client.instance("i" + i).toBuilder();
            for (int entry = 0; entry < 14; entry++) {
                big.putMetadata("k" + entry, text);
            }
            client.register("shop", "big", big.build(), session.id());
        }
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "big"), null));

        int instances = 0;
        int parts = 0;
        boolean last = false;
        while (!last) {
            var part = watch.next(WatchResponse::hasSnapshot).getSnapshot();
            assertThat(part.getPart()).isEqualTo(parts++);
            assertThat(part.getTotal()).isEqualTo(60);
            instances += part.getInstancesCount();
            last = part.getLast();
        }
        assertThat(instances).isEqualTo(60);
        assertThat(parts).isGreaterThan(1);
        watch.cancel();
    }

    @Test
    void health_isServing() {
        assertThat(HealthGrpc.newBlockingStub(server.channel())
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void serverThatStops_endsStreamsAsDraining_andKeepsItsHistory(@TempDir Path own) throws InterruptedException {
        Cursor cursor;
        try (LiveServer first = LiveServer.start(own)) {
            ManagedChannel channel = first.newChannel();
            Client there = new Client(channel);
            Client.Session session = there.openSession();
            cursor = there.register("shop", "durable", Client.instance("i1"), session.id())
                    .getCursor();
            there.register("shop", "durable", Client.instance("i2"), session.id());
            Conversation<WatchRequest, WatchResponse> watch = there.greetedWatch();
            first.stop();
            assertThat(watch.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(watch.endInfo().getReason()).isEqualTo("DRAINING");
            channel.shutdownNow();
        }
        try (LiveServer second = LiveServer.start(own)) {
            Conversation<WatchRequest, WatchResponse> watch = new Client(second.channel()).greetedWatch();
            watch.say(Client.subscribe(1, Client.service("shop", "durable"), cursor));
            assertThat(nextDelta(watch, 1).getChanges(0).getPut().getId()).isEqualTo("i2");
            watch.cancel();
        }
    }

    private static Delta nextDelta(Conversation<WatchRequest, WatchResponse> watch, long subscription)
            throws InterruptedException {
        WatchResponse response = watch.next(answer -> answer.getDeltasCount() > 0);
        assertThat(response.getSubscriptionId()).isEqualTo(subscription);
        assertThat(response.getDeltasCount()).isEqualTo(1);
        return response.getDeltas(0);
    }

    private static Cursor deregister(String service, String id, String session) {
        return client.registration()
                .deregister(DeregisterRequest.newBuilder()
                        .setNamespace("shop")
                        .setService(service)
                        .setInstanceId(id)
                        .setSessionId(session)
                        .build())
                .getCursor();
    }

    private static ListInstancesResponse list(String service) {
        return client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("shop", service))
                        .build());
    }
}
