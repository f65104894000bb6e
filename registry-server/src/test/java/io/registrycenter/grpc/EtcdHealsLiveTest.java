package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.store.etcd.EtcdProcess;
import io.registrycenter.view.Freshness;
import io.registrycenter.view.View;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Troubles of etcd that pass, or that an operator mends in etcd's own way: a server goes on by itself. */
class EtcdHealsLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    private Path directory;

    private static String health(LiveServer server) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.httpPort() + "/actuator/health/readiness"))
                .timeout(PATIENCE)
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }

    private LiveServer start(int etcdPort, String node, String... more) {
        String[] settings = new String[more.length + 3];
        settings[0] = "--registry.store=etcd";
        settings[1] = "--registry.etcd.endpoints=http://127.0.0.1:" + etcdPort;
        settings[2] = "--registry.node=" + node;
        System.arraycopy(more, 0, settings, 3, more.length);
        return LiveServer.start(directory, settings);
    }

    @Test
    void compactionMissedWhileCutOff_theStateIsReadAnew_andWatchersAreToldSo() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.alone("http");
                TcpRelay network = new TcpRelay(etcd.endpoint().getPort());
                LiveServer well = start(etcd.endpoint().getPort(), "well");
                LiveServer cut = start(network.port(), "cut", "--registry.watch.heartbeat-interval=20s")) {
            Client writer = new Client(well.channel());
            String session = writer.openSession().id();
            Cursor before = writer.register("shop", "orders", Client.instance("old"), session)
                    .getCursor();
            Conversation<WatchRequest, WatchResponse> watch = new Client(cut.channel()).greetedWatch();
            watch.say(Client.subscribe(1, Client.service("shop", "orders"), before));
            watch.next(WatchResponse::hasHeartbeat);

            try (ServerSocket nothing = new ServerSocket(0)) {
                network.target(nothing.getLocalPort());
            }
            network.resetAll();
            // Two, since etcd still has what happened at the very revision it is compacted to.
            writer.register("shop", "orders", Client.instance("first"), session);
            Cursor missed = writer.register("shop", "orders", Client.instance("new"), session)
                    .getCursor();
            etcd.compactToHead();
            network.target(etcd.endpoint().getPort());

            Snapshot snapshot = watch.next(WatchResponse::hasSnapshot).getSnapshot();
            assertThat(snapshot.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_COMPACTED);
            assertThat(snapshot.getInstancesList())
                    .extracting(Instance::getId)
                    .containsExactlyInAnyOrder("old", "first", "new");
            assertThat(snapshot.getCursor().getRevision()).isGreaterThanOrEqualTo(missed.getRevision());
            View view = cut.bean(View.class);
            Awaitility.await().atMost(PATIENCE).until(() -> view.freshness() == Freshness.CURRENT);
            assertThat(health(cut)).startsWith("200");

            // It takes calls again, and its history goes on from the snapshot.
            Client client = new Client(cut.channel());
            client.register("shop", "orders", Client.instance("later"), session);
            assertThat(watch.next(response -> response.getDeltasCount() > 0)
                            .getDeltas(0)
                            .getAfter())
                    .isLessThanOrEqualTo(snapshot.getCursor().getRevision());
        }
    }

    @Test
    void quotaAlarm_isNamed_refusesWritesAtOnce_andIsOverWhenItIsCured() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.alone("http", "--quota-backend-bytes=" + (4 << 20));
                // With no answer in time, the caller would hear of its own deadline first.
                LiveServer server = start(etcd.endpoint().getPort(), "one", "--registry.etcd.request-timeout=60s")) {
            Client client = new Client(server.channel());
            String session = client.openSession().id();
            client.register("shop", "orders", Client.instance("before"), session);
            etcd.fill();
            View view = server.bean(View.class);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(health(server)).startsWith("503").contains("NOSPACE"));
            assertThatThrownBy(() -> client.register("shop", "orders", Client.instance("refused"), session))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContainingAll("UNAVAILABLE", "NOSPACE", "database space exceeded");
            assertThat(view.freshness()).isEqualTo(Freshness.CURRENT);

            etcd.empty();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(health(server)).startsWith("200"));
            client.register("shop", "orders", Client.instance("after"), session);
        }
    }
}
