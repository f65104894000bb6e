package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.registrycenter.observe.Meters;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.store.etcd.EtcdCluster;
import io.registrycenter.store.etcd.EtcdProcess;
import io.registrycenter.view.Freshness;
import io.registrycenter.view.View;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says and its clients see when its etcd is out of reach, and when a backup of it was put back. */
class EtcdTroubleLiveTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    private Path directory;

    private LiveServer start(URI etcd, String... more) {
        String[] settings = new String[more.length + 2];
        settings[0] = "--registry.store=etcd";
        settings[1] = "--registry.etcd.endpoints=" + etcd;
        System.arraycopy(more, 0, settings, 2, more.length);
        return LiveServer.start(directory, settings);
    }

    private record Answer(int status, String etag, String body) {
        long number(String field) {
            String digits = body.replaceAll("(?s).*\"" + field + "\":(\\d+).*", "$1");
            return Long.parseLong(digits);
        }
    }

    private static Answer get(LiveServer server, String path, String etag) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
                .timeout(PATIENCE);
        if (!etag.isEmpty()) {
            request.header("If-None-Match", etag);
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(), response.headers().firstValue("ETag").orElse(""), response.body());
        }
    }

    private static double staleMeter(LiveServer server) {
        return server.bean(MeterRegistry.class)
                .get(Meters.VIEW_STALE.meterName())
                .gauge()
                .value();
    }

    private static boolean stale(Client client) {
        return client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("shop", "orders"))
                        .build())
                .getStale();
    }

    @Test
    void serverThatIsCutOff_saysSo_withTheAgeOfWhatItServes_andComesBack() throws Exception {
        String path = "/api/v1/namespaces/shop/services/orders/instances";
        try (EtcdCluster etcd = EtcdCluster.start(1);
                LiveServer server = start(etcd.member(0).endpoint())) {
            Client client = new Client(server.channel());
            client.register(
                    "shop", "orders", Client.instance("a"), client.openSession().id());
            Answer fresh = get(server, path, "");
            assertThat(fresh.number("staleForMs")).isZero();
            assertThat(get(server, path, fresh.etag()).status()).isEqualTo(304);
            assertThat(staleMeter(server)).isZero();

            etcd.member(0).pause();
            View view = server.bean(View.class);
            Awaitility.await().atMost(PATIENCE).until(() -> view.freshness() == Freshness.CUT_OFF);
            // Counted from the silence, not from when it was noticed.
            Answer old = get(server, path, fresh.etag());
            assertThat(old.status()).isEqualTo(200);
            assertThat(old.body()).contains("\"stale\":true", "\"id\":\"a\"");
            assertThat(old.number("staleForMs")).isGreaterThan(10_000);
            assertThat(stale(client)).isTrue();
            assertThat(staleMeter(server)).isGreaterThan(10);
            Answer health = get(server, "/actuator/health/readiness", "");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.body()).contains("out of reach");
            assertThat(health.number("staleForMs")).isGreaterThan(10_000);

            etcd.member(0).resume();
            Awaitility.await().atMost(PATIENCE).until(() -> view.freshness() == Freshness.CURRENT);
            assertThat(get(server, path, "").number("staleForMs")).isZero();
            assertThat(stale(client)).isFalse();
            assertThat(staleMeter(server)).isZero();
        }
    }

    @Test
    void backupThatIsPutBack_isProvenByARunningServer_andANewEpochTellsEveryWatcher() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.alone("http")) {
            Cursor cursor;
            Cursor shown;
            SessionOpened session;
            try (LiveServer ranThrough = start(etcd.endpoint())) {
                Client client = new Client(ranThrough.channel());
                Client.Session opened = client.openSession();
                client.register("shop", "orders", Client.instance("saved"), opened.id());
                Path backup = etcd.backup();
                client.register("shop", "orders", Client.instance("later"), opened.id());
                session = resumed(client, opened.opened(), "after the backup");
                cursor = client.register("shop", "orders", Client.instance("last"), opened.id())
                        .getCursor();
                shown = shown(client);

                etcd.kill();
                etcd.restore(backup);
                etcd.start();
                View view = ranThrough.bean(View.class);
                Awaitility.await().atMost(PATIENCE).until(() -> view.freshness() == Freshness.LOST);
                Answer health = get(ranThrough, "/actuator/health/readiness", "");
                assertThat(health.status()).isEqualTo(503);
                assertThat(health.body()).contains("restart the server");
                assertThat(stale(client)).isTrue();
            }
            try (LiveServer forgotten = start(etcd.endpoint(), "--registry.node=forgotten")) {
                Client client = new Client(forgotten.channel());
                String other = client.openSession().id();
                Cursor here = cursor;
                for (int i = 0; here.getRevision() <= cursor.getRevision() || i == 0; i++) {
                    here = client.register("shop", "orders", Client.instance("other-" + i), other)
                            .getCursor();
                }
                Snapshot snapshot = subscribed(client.greetedWatch(), shown);
                assertThat(snapshot.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
                assertThat(snapshot.getCursor().getEpoch()).isEqualTo(shown.getEpoch());
                assertThat(snapshot.getInstancesList())
                        .extracting(Instance::getId)
                        .contains("saved", "other-0")
                        .doesNotContain("later", "last");
                session = resumed(client, session, "forgotten", shown);
                assertThat(session.getOtherHistory()).isTrue();
            }
            try (LiveServer first = start(etcd.endpoint(), "--registry.store.new-epoch=true", "--registry.node=first");
                    LiveServer second = start(etcd.endpoint(), "--registry.node=second")) {
                for (LiveServer server : new LiveServer[] {first, second}) {
                    Snapshot snapshot = subscribed(new Client(server.channel()).greetedWatch(), cursor);
                    assertThat(snapshot.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
                    assertThat(snapshot.getInstancesList())
                            .extracting(Instance::getId)
                            .contains("saved")
                            .doesNotContain("later", "last");
                    assertThat(snapshot.getCursor().getEpoch()).isNotEqualTo(cursor.getEpoch());
                }
                // The store forgot that this session was resumed; its holder still is the holder.
                SessionOpened again = resumed(new Client(second.channel()), session, "after the restore");
                assertThat(again.getFence()).isGreaterThan(session.getFence());
            }
        }
    }

    private static Snapshot subscribed(Conversation<WatchRequest, WatchResponse> watch, @Nullable Cursor cursor)
            throws InterruptedException {
        watch.say(Client.subscribe(1, Client.service("shop", "orders"), cursor));
        return watch.next(WatchResponse::hasSnapshot).getSnapshot();
    }

    private static Cursor shown(Client client) {
        return client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("shop", "orders"))
                        .build())
                .getCursor();
    }

    private static SessionOpened resumed(Client client, SessionOpened session, String attempt)
            throws InterruptedException {
        return resumed(client, session, attempt, Cursor.getDefaultInstance());
    }

    private static SessionOpened resumed(Client client, SessionOpened session, String attempt, Cursor newest)
            throws InterruptedException {
        SessionResume.Builder resume = SessionResume.newBuilder()
                .setSessionId(session.getSessionId())
                .setFence(session.getFence())
                .setAttempt(attempt);
        if (!newest.getEpoch().isEmpty()) {
            resume.setCursor(newest);
        }
        Conversation<AttachRequest, AttachResponse> stream = client.attach();
        stream.say(AttachRequest.newBuilder().setResume(resume).build());
        return stream.next(AttachResponse::hasOpened).getOpened();
    }
}
