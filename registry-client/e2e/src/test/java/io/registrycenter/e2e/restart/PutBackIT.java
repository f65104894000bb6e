package io.registrycenter.e2e.restart;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.View;
import io.registrycenter.client.Watch;
import io.registrycenter.e2e.process.Program;
import io.registrycenter.e2e.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole data directory is put back from a copy that was taken while the server ran, and nobody says so to the server. */
class PutBackIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int THROWN_AWAY = 10;
    private static final int WRITTEN_ANEW = 20;

    @TempDir
    private Path directory;

    @Test
    void a_watcher_of_what_was_thrown_away_is_told_and_has_what_is_there() throws IOException {
        Programs.Server server = Programs.Server.in(directory);
        Path data = directory.resolve("registry-data");
        Path copy = directory.resolve("copy");
        CompletableFuture<Boolean> knowsAll = new CompletableFuture<>();
        CompletableFuture<SnapshotReason> told = new CompletableFuture<>();
        Program first = server.start();
        try (RegistryClient watcher = client(server, "watcher")) {
            Watch roll = watcher.watch("roll", change -> {
                if (knowsAll.isDone() && change.snapshot() != null) {
                    told.complete(change.snapshot());
                }
                if (change.instances().size() == THROWN_AWAY + 1) {
                    knowsAll.complete(true);
                }
            });
            try (RegistryClient lost = client(server, "lost")) {
                register(lost, List.of("saved"));
                copy(data, copy);
                register(lost, ids("a", THROWN_AWAY));
                get(knowsAll);
                first.kill();
            }
            delete(data);
            copy(copy, data);
            writtenAnew();
            Program second = server.start();
            try {
                List<String> there = new ArrayList<>(ids("b", WRITTEN_ANEW));
                there.add("saved");
                assertThat(get(told)).isEqualTo(SnapshotReason.EPOCH_CHANGED);
                assertThat(present(roll)).containsExactlyInAnyOrderElementsOf(there);
            } finally {
                second.close();
            }
        } finally {
            first.close();
        }
    }

    /** On other addresses, so that the watcher does not come before the revisions it knows are given once more. */
    private void writtenAnew() {
        Programs.Server elsewhere = Programs.Server.in(directory);
        Program running = elsewhere.start();
        try (RegistryClient other = client(elsewhere, "other")) {
            register(other, ids("b", WRITTEN_ANEW));
            running.kill();
        } finally {
            running.close();
        }
    }

    private static RegistryClient client(Programs.Server server, String name) {
        return RegistryClient.builder().target(server.target()).name(name).build();
    }

    private static List<String> ids(String prefix, int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(i -> prefix + i).toList();
    }

    private static void register(RegistryClient client, List<String> ids) {
        for (String id : ids) {
            Instance instance =
                    Instance.builder(id).endpoint("grpc", "10.0.0.7", 8080).build();
            get(client.register("roll", instance).registered().toCompletableFuture());
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** What the view shows, but for what it only holds for a while. */
    private static List<String> present(Watch watch) {
        View view = watch.view();
        List<Instance> instances = new ArrayList<>(view.instances());
        instances.removeAll(view.held());
        return instances.stream().map(Instance::id).toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
