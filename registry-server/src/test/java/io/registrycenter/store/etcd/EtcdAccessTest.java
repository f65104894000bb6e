package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Commit;
import io.registrycenter.store.Follower;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.Transaction;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, and users with passwords, on a real etcd; what is wrong is told at the start, with the setting to look at. */
final class EtcdAccessTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final long DEADLINE_S = 20;
    private static final String PREFIX = "/guarded/";

    @TempDir
    private Path directory;

    private static EtcdSettings settings(
            URI endpoint, String user, String password, @Nullable Path ca, @Nullable TestCertificates own) {
        return new EtcdSettings(
                List.of(endpoint),
                PREFIX,
                user,
                password,
                ca,
                own == null ? null : own.certificate(),
                own == null ? null : own.key(),
                TIMEOUT,
                Duration.ofSeconds(15),
                1 << 20,
                false);
    }

    private static void commits(Store store, String id) {
        Mutation mutation =
                new Mutation(new RecordKey.OfSession(id), new RecordValue.Tombstone(RemovalReason.ADMIN, "", ""));
        assertThat(store.commit(new Transaction(List.of(Guard.absent(mutation.key())), List.of(mutation)))
                        .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                        .join())
                .isInstanceOf(Outcome.Committed.class);
    }

    private static void refused(EtcdSettings settings, String... words) {
        assertThatThrownBy(() -> EtcdStore.open(settings, false, Duration.ZERO).close())
                .isInstanceOfSatisfying(StoreException.class, e -> {
                    assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE);
                    assertThat(String.valueOf(e.getMessage())).contains(words).doesNotContain("wrong!");
                });
    }

    @Test
    void tlsOnBothSides_isServed_andWhatIsWrongIsNamed() throws Exception {
        TestCertificates server = TestCertificates.make(directory, "etcd");
        TestCertificates client = TestCertificates.make(directory, "registry");
        TestCertificates stranger = TestCertificates.make(directory, "stranger");
        try (EtcdProcess etcd = EtcdProcess.alone(
                "https",
                "--cert-file=" + server.certificate(),
                "--key-file=" + server.key(),
                "--trusted-ca-file=" + client.certificate(),
                "--client-cert-auth")) {
            URI endpoint = etcd.endpoint();
            try (Store store = EtcdStore.open(settings(endpoint, "", "", server.certificate(), client))) {
                commits(store, "a");
                store.announce("a:1", new NodeRecord("", false));
                assertThat(store.read(store.provenHead()
                                .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                                .join()))
                        .hasSize(2);
            }
            refused(settings(endpoint, "", "", stranger.certificate(), client), "registry.etcd.ca-file");
            refused(settings(endpoint, "", "", server.certificate(), stranger), "registry.etcd.cert-file");
            refused(settings(endpoint, "", "", server.certificate(), null), "registry.etcd.cert-file");
            URI plain = URI.create("http://127.0.0.1:" + endpoint.getPort());
            refused(settings(plain, "", "", null, null), "registry.etcd.endpoints");
        }
    }

    @Test
    void userAndPassword_areServed_tokensAreRenewed_andWhatIsWrongIsNamed() throws Exception {
        try (EtcdCluster etcd = EtcdCluster.start(1)) {
            URI endpoint = etcd.endpoints().getFirst();
            // Waits until it serves.
            EtcdStore.open(settings(endpoint, "", "", null, null)).close();
            EtcdSettings good = settings(endpoint, "registry", "right!", null, null);
            refused(good, "registry.etcd.user");
            withUsers(endpoint);

            BlockingQueue<Commit> told = new LinkedBlockingQueue<>();
            try (Store store = EtcdStore.open(good)) {
                store.follow(store.head(), new Told(told));
                store.announce("a:1", new NodeRecord("", false));
                commits(store, "a");
                // Tokens of etcd's simple kind are in memory: none is known after this.
                etcd.member(0).kill();
                etcd.member(0).start();
                etcd.member(0).awaitListening();
                commits(store, "b");
                // A change of users makes every token one of the past.
                call(endpoint, "user/add", "{\"name\":\"later\",\"password\":\"x\"}", token(endpoint));
                commits(store, "c");
                awaitTold(told, "s/c");
                // The announced server is the only one, so it compacts: with the role that operations.md asks for.
                long head = store.head();
                assertThat(store.compact(head)
                                .orTimeout(DEADLINE_S, TimeUnit.SECONDS)
                                .join())
                        .isEqualTo(head);
            }
            refused(settings(endpoint, "registry", "wrong!", null, null), "registry.etcd.password");
            refused(settings(endpoint, "nobody", "wrong!", null, null), "registry.etcd.user");
            refused(settings(endpoint, "", "", null, null), "registry.etcd.user");
            refused(settings(endpoint, "later", "x", null, null), "registry.etcd.prefix", PREFIX);
        }
    }

    private record Told(BlockingQueue<Commit> commits) implements Follower {
        @Override
        public void commit(Commit commit) {
            commits.add(commit);
        }

        @Override
        public void compacted(long floor) {}

        @Override
        public void lost(Throwable cause) {}
    }

    private static void awaitTold(BlockingQueue<Commit> told, String path) throws InterruptedException {
        for (; ; ) {
            Commit next = told.poll(DEADLINE_S, TimeUnit.SECONDS);
            assertThat(next).as("a commit of " + path).isNotNull();
            if (next.mutations().stream()
                    .anyMatch(mutation -> mutation.key().path().equals(path))) {
                return;
            }
        }
    }

    /** Root, and a user that may do everything under the prefix; then authentication is on. */
    private static void withUsers(URI endpoint) throws IOException, InterruptedException {
        call(endpoint, "user/add", "{\"name\":\"root\",\"password\":\"root!\"}", "");
        call(endpoint, "role/add", "{\"name\":\"root\"}", "");
        call(endpoint, "user/grant", "{\"user\":\"root\",\"role\":\"root\"}", "");
        call(endpoint, "user/add", "{\"name\":\"registry\",\"password\":\"right!\"}", "");
        call(endpoint, "role/add", "{\"name\":\"registry\"}", "");
        call(
                endpoint,
                "role/grant",
                "{\"name\":\"registry\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\"" + base64(PREFIX)
                        + "\",\"range_end\":\"" + base64("/guarded0") + "\"}}",
                "");
        call(endpoint, "user/grant", "{\"user\":\"registry\",\"role\":\"registry\"}", "");
        call(endpoint, "enable", "{}", "");
    }

    private static String token(URI endpoint) throws IOException, InterruptedException {
        String answer = call(endpoint, "authenticate", "{\"name\":\"root\",\"password\":\"root!\"}", "");
        return answer.replaceAll(".*\"token\":\"([^\"]+)\".*", "$1").strip();
    }

    private static String call(URI endpoint, String what, String json, String token)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve("/v3/auth/" + what))
                .timeout(Duration.ofSeconds(DEADLINE_S))
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (!token.isEmpty()) {
            request.header("Authorization", token);
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(what + ": " + response.body()).isEqualTo(200);
            return response.body();
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
