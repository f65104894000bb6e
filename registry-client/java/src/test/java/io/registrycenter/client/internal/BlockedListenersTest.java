package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryClientBuilder;
import io.registrycenter.client.Watch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over TCP, with the client's own threads: however many listeners block, they hurt only themselves. */
@Timeout(120)
class BlockedListenersTest {

    /** More than the threads a client begins with. */
    private static final int LISTENERS = 40;

    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<ExecutorService> executors = new ArrayList<>();
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addServices(EchoRegistry.services())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        release.countDown();
        server.shutdownNow();
        executors.forEach(ExecutorService::shutdownNow);
    }

    private RegistryClientBuilder client() {
        return RegistryClient.builder().target("127.0.0.1:" + server.getPort());
    }

    private ExecutorService own(ExecutorService executor) {
        executors.add(executor);
        return executor;
    }

    private void block() {
        try {
            release.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Listeners as many that ask the registry, and wait for what they chained to the answer. */
    private static void askAndWait(RegistryClient client) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(LISTENERS);
        for (int i = 0; i < LISTENERS; i++) {
            client.watch("service-" + i, change -> {
                client.services()
                        .thenCompose(services -> client.services())
                        .thenApply(services -> services)
                        .toCompletableFuture()
                        .join();
                done.countDown();
            });
        }
        assertThat(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("listeners that had their answer, all but " + done.getCount())
                .isTrue();
    }

    @Test
    void listeners_waitForAnswers_allGetThem() throws InterruptedException {
        try (RegistryClient client = client().build()) {
            askAndWait(client);
        }
    }

    @Test
    void listeners_waitForAnswersOnTheOneThreadOfTheUser_allGetThem() throws InterruptedException {
        ExecutorService one = own(Executors.newSingleThreadExecutor());
        try (RegistryClient client = client().executor(one).build()) {
            askAndWait(client);
        }
    }

    @Test
    void listeners_waitForAnswersOnTheThreadThatCalls_allGetThem() throws InterruptedException {
        try (RegistryClient client = client().executor(Runnable::run).build()) {
            askAndWait(client);
        }
    }

    @Test
    void listeners_waitForAnswersWhereTheCallerRunsWhatIsTooMuch_allGetThem() throws InterruptedException {
        ExecutorService small = own(new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy()));
        try (RegistryClient client = client().executor(small).build()) {
            askAndWait(client);
        }
    }

    @Test
    void listeners_blockForGood_othersAreCalledAndStagesComplete() throws Exception {
        CountDownLatch blocked = new CountDownLatch(LISTENERS);
        try (RegistryClient client = client().build()) {
            for (int i = 0; i < LISTENERS; i++) {
                client.watch("service-" + i, change -> {
                    blocked.countDown();
                    block();
                });
            }
            assertThat(blocked.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("each listener has a thread")
                    .isTrue();
            CompletableFuture<Boolean> called = new CompletableFuture<>();
            Watch free = client.watch("free", change -> called.complete(true));
            assertThat(called.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            free.synced().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void chained_blocksForGood_otherStagesComplete() throws Exception {
        CountDownLatch blocked = new CountDownLatch(LISTENERS);
        try (RegistryClient client = client().build()) {
            for (int i = 0; i < LISTENERS; i++) {
                var unused = client.services().thenAccept(services -> {
                    blocked.countDown();
                    block();
                });
            }
            assertThat(blocked.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(client.services()
                            .thenApply(services -> true)
                            .toCompletableFuture()
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
        }
    }
}
