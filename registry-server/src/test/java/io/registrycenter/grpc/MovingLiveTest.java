package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.registrycenter.config.StoreOperation;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RemovalReason;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.store.etcd.EtcdSettings;
import io.registrycenter.store.etcd.TestEtcd;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry with live sessions and watchers moves from the embedded store to etcd, and back: sessions resume, instances are the
 * same, watchers are told of the new epoch, and nothing is removed but what nobody resumed.
 */
class MovingLiveTest {

    @TempDir
    private Path directory;

    private record Said(int code, String out, String err) {}

    private static Said operate(Stream<String> words, List<String> settings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] args = Stream.of(Stream.of("store"), words, settings.stream())
                .flatMap(all -> all)
                .toArray(String[]::new);
        int code = StoreOperation.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static void done(Said said, String secret) {
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("sessions and 3 instances").doesNotContain(secret);
    }

    private LiveServer start(List<String> settings, String... more) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(Arrays.asList(more));
        return LiveServer.start(directory.resolve("unused"), all.toArray(String[]::new));
    }

    @Test
    void fromTheEmbeddedStoreToEtcdAndBack_clientsResume_andNothingIsRemoved() throws InterruptedException {
        EtcdSettings etcd = TestEtcd.anew();
        List<String> embedded = List.of("--registry.data-dir=" + directory.resolve("first"));
        List<String> onEtcd = List.of(
                "--registry.store=etcd",
                "--registry.etcd.endpoints=" + etcd.endpoints().getFirst(),
                "--registry.etcd.prefix=" + etcd.prefix());
        List<String> embeddedAgain = List.of("--registry.data-dir=" + directory.resolve("second"));
        String up = directory.resolve("up.jsonl").toString();
        String down = directory.resolve("down.jsonl").toString();

        Cursor cursor;
        SessionOpened kept;
        List<Instance> before;
        try (LiveServer server = start(embedded)) {
            Client client = new Client(server.channel());
            Client.Session session = client.openSession();
            Client.Session deserter = client.openSession();
            kept = session.opened();
            client.register("shop", "orders", Client.instance("a1"), session.id());
            client.register("shop", "orders", Client.instance("a2"), session.id());
            cursor = client.register("shop", "orders", Client.instance("b1"), deserter.id())
                    .getCursor();
            Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
            before = instances(subscribed(watch, null));
            Said early = operate(Stream.of("export", up), embedded);
            assertThat(early.code()).isEqualTo(3);
            assertThat(early.err()).contains("in use by another server");
        }
        done(operate(Stream.of("export", up), embedded), kept.getSessionId());
        done(operate(Stream.of("import", up), onEtcd), kept.getSessionId());
        Said twice = operate(Stream.of("import", up), onEtcd);
        assertThat(twice.code()).isEqualTo(7);
        assertThat(twice.err()).contains("--replace");

        try (LiveServer server = start(onEtcd, "--registry.session.orphan-grace=2s")) {
            Client client = new Client(server.channel());
            Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
            Snapshot there = subscribed(watch, cursor);
            assertThat(there.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
            assertThat(instances(there)).isEqualTo(before);
            cursor = there.getCursor();
            SessionOpened resumed = resumed(client, kept, "up");
            assertThat(resumed.getFence()).isEqualTo(kept.getFence() + 1);
            kept = resumed;
            // Nobody resumed the other session: that it goes shows that this one would have gone as well.
            var removal = watch.next(answer -> answer.getDeltasCount() > 0).getDeltas(0);
            assertThat(removal.getChanges(0).getRemoval().getInstanceId()).isEqualTo("b1");
            assertThat(removal.getChanges(0).getRemoval().getReason())
                    .isEqualTo(RemovalReason.REMOVAL_REASON_SESSION_EXPIRED);
            cursor = cursor.toBuilder().setRevision(removal.getRevision()).build();
            client.register("shop", "orders", Client.instance("a3"), kept.getSessionId());
            assertThat(watch.next(answer -> answer.getDeltasCount() > 0)
                            .getDeltas(0)
                            .getChanges(0)
                            .getPut()
                            .getId())
                    .isEqualTo("a3");
        }
        done(operate(Stream.of("export", down), onEtcd), kept.getSessionId());
        done(operate(Stream.of("import", down), embeddedAgain), kept.getSessionId());

        try (LiveServer server = start(embeddedAgain)) {
            Client client = new Client(server.channel());
            ManagedChannel other = server.newChannel();
            Conversation<WatchRequest, WatchResponse> watch = new Client(other).greetedWatch();
            Snapshot back = subscribed(watch, cursor);
            assertThat(back.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
            assertThat(back.getInstancesList()).extracting(Instance::getId).containsExactlyInAnyOrder("a1", "a2", "a3");
            assertThat(resumed(client, kept, "down").getSessionId()).isEqualTo(kept.getSessionId());
            client.register("shop", "orders", Client.instance("a4"), kept.getSessionId());
            assertThat(watch.next(answer -> answer.getDeltasCount() > 0)
                            .getDeltas(0)
                            .getChanges(0)
                            .getPut()
                            .getId())
                    .isEqualTo("a4");
            other.shutdownNow();
        }
    }

    @Test
    void commandThatIsNotUnderstood_isToldHow_andWhatIsNotThereIsNotMade() {
        List<String> nowhere = List.of("--registry.data-dir=" + directory.resolve("nowhere"));
        assertThat(operate(Stream.of("move"), nowhere).code()).isEqualTo(2);
        assertThat(operate(Stream.of("import"), nowhere).err()).contains("store export FILE");
        Said export = operate(Stream.of("export", "file"), nowhere);
        assertThat(export.code()).isEqualTo(6);
        assertThat(export.err()).contains("no history", "registry.data-dir");
        assertThat(directory.resolve("nowhere")).doesNotExist();
    }

    @Test
    void copyOfTheEmbeddedStore_isPutBack_andWatchersAreToldOfTheNewEpoch() throws InterruptedException {
        List<String> settings = List.of("--registry.data-dir=" + directory.resolve("data"));
        Cursor cursor;
        try (LiveServer server = start(settings)) {
            Client client = new Client(server.channel());
            cursor = client.register(
                            "shop",
                            "orders",
                            Client.instance("a1"),
                            client.openSession().id())
                    .getCursor();
        }
        Said restored = operate(
                Stream.of("restore", directory.resolve("data").toString(), "--replace"),
                List.of("--registry.data-dir=" + directory.resolve("restored")));
        assertThat(restored.err()).isEmpty();
        assertThat(restored.code()).isZero();
        try (LiveServer server = start(List.of("--registry.data-dir=" + directory.resolve("restored")))) {
            Conversation<WatchRequest, WatchResponse> watch = new Client(server.channel()).greetedWatch();
            Snapshot snapshot = subscribed(watch, cursor);
            assertThat(snapshot.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
            assertThat(snapshot.getInstancesList()).extracting(Instance::getId).containsExactly("a1");
        }
    }

    private static Snapshot subscribed(Conversation<WatchRequest, WatchResponse> watch, @Nullable Cursor cursor)
            throws InterruptedException {
        watch.say(Client.subscribe(1, Client.service("shop", "orders"), cursor));
        return watch.next(WatchResponse::hasSnapshot).getSnapshot();
    }

    /** Without revisions: those are positions in one history. */
    private static List<Instance> instances(Snapshot snapshot) {
        return snapshot.getInstancesList().stream()
                .map(instance -> instance.toBuilder()
                        .clearCreatedRevision()
                        .clearModifiedRevision()
                        .build())
                .toList();
    }

    private static SessionOpened resumed(Client client, SessionOpened session, String attempt)
            throws InterruptedException {
        Conversation<AttachRequest, AttachResponse> stream = client.attach();
        stream.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder()
                        .setSessionId(session.getSessionId())
                        .setFence(session.getFence())
                        .setAttempt(attempt))
                .build());
        return stream.next().getOpened();
    }
}
