package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.Snapshot;
import io.registrycenter.proto.v1.SnapshotReason;
import io.registrycenter.proto.v1.WatchResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The whole data directory of a server is put back from a copy that was taken while it ran, and nobody says so. */
class PutBackLiveTest {

    private static final int INSTANCES = 10;

    @Test
    void wholeDirectory_putBack_thoseWhoKnewWhatWasThrownAway_areTold(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        Path copy = directory.resolve("copy");
        Client.Session session;
        Cursor inTheCopy;
        Cursor thrownAway;
        try (LiveServer server = LiveServer.start(data)) {
            Client client = new Client(server.channel());
            session = client.openSession();
            client.register("shop", "roll", Client.instance("saved"), session.id());
            inTheCopy = cursor(client);
            FileSystemUtils.copyRecursively(data, copy);
            for (int i = 0; i < INSTANCES; i++) {
                client.register("shop", "roll", Client.instance("a" + i), session.id());
            }
            thrownAway = cursor(client);
            assertThat(thrownAway.getMark()).isNotEmpty();
        }
        FileSystemUtils.deleteRecursively(data);
        FileSystemUtils.copyRecursively(copy, data);
        try (LiveServer server = LiveServer.start(data)) {
            Client client = new Client(server.channel());
            String other = client.openSession().id();
            for (int i = 0; cursor(client).getRevision() <= thrownAway.getRevision() + 1; i++) {
                client.register("shop", "roll", Client.instance("b" + i), other);
            }
            Snapshot snapshot = first(client, thrownAway).getSnapshot();
            assertThat(snapshot.getReason()).isEqualTo(SnapshotReason.SNAPSHOT_REASON_EPOCH_CHANGED);
            assertThat(snapshot.getCursor().getEpoch()).isEqualTo(thrownAway.getEpoch());
            assertThat(snapshot.getInstancesList())
                    .extracting(Instance::getId)
                    .contains("saved", "b0")
                    .doesNotContain("a0");
            assertThat(first(client, inTheCopy).getDeltasList())
                    .as("what was before the copy goes on")
                    .isNotEmpty();
            assertThat(first(client, thrownAway.toBuilder().clearMark().build()).hasSnapshot())
                    .as("who sends no mark is believed")
                    .isFalse();
            assertThat(otherHistory(client, session, "1", inTheCopy)).isFalse();
            assertThat(otherHistory(client, session, "2", thrownAway)).isTrue();
        }
    }

    private static Cursor cursor(Client client) {
        return client.catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(Client.service("shop", "roll"))
                        .build())
                .getCursor();
    }

    private static WatchResponse first(Client client, Cursor from) throws InterruptedException {
        Conversation<?, WatchResponse> watch = watching(client, from);
        return watch.next(response -> response.getSubscriptionId() == 1);
    }

    private static Conversation<?, WatchResponse> watching(Client client, Cursor from) throws InterruptedException {
        var watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "roll"), from));
        return watch;
    }

    private static boolean otherHistory(Client client, Client.Session session, String attempt, Cursor newest)
            throws InterruptedException {
        Conversation<AttachRequest, AttachResponse> stream = client.attach();
        stream.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder()
                        .setSessionId(session.id())
                        // More than the copy has, as of one that was resumed since.
                        .setFence(session.opened().getFence() + Integer.parseInt(attempt))
                        .setAttempt(attempt)
                        .setCursor(newest))
                .build());
        return stream.next(AttachResponse::hasOpened).getOpened().getOtherHistory();
    }
}
