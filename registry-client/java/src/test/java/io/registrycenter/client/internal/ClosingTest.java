package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.client.Instance;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryClientBuilder;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Closing a client that is in use over TCP, on threads that cannot wait as one would like. */
@Timeout(120)
class ClosingTest {

    /** Nobody waits for as long as this: the test's own time would be over. */
    private static final Duration ENDLESS = Duration.ofHours(1);

    private final BlockingQueue<StreamObserver<AttachResponse>> goodbyes = new LinkedBlockingQueue<>();
    private final long threadsBefore = ownThreads();
    private final Server server;

    /** Whether a goodbye is answered as soon as it is said. */
    private volatile boolean answers = true;

    ClosingTest() throws IOException {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        EchoRegistry.services().stream()
                .filter(service -> !service.getServiceDescriptor().getName().equals(SessionServiceGrpc.SERVICE_NAME))
                .forEach(builder::addService);
        server = builder.addService(new Sessions()).build().start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    private final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
        @Override
        public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> out) {
            return new StreamObserver<>() {
                @Override
                public void onNext(AttachRequest request) {
                    if (request.hasOpen()) {
                        out.onNext(Frames.opened("s1", 1));
                    } else if (request.hasGoodbye()) {
                        goodbyes.add(out);
                        if (answers) {
                            out.onCompleted();
                        }
                    }
                }

                @Override
                public void onError(Throwable cancelled) {
                    // The stream is over; nothing is held for it.
                }

                @Override
                public void onCompleted() {
                    // It follows the goodbye.
                }
            };
        }
    }

    private RegistryClientBuilder client() {
        return RegistryClient.builder()
                .target("127.0.0.1:" + server.getPort())
                .name("test")
                .closeTimeout(ENDLESS);
    }

    private RegistryClient registered(RegistryClient client) {
        client.register("orders", Instance.builder("a").build())
                .registered()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        return client;
    }

    private static long ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .filter(thread -> thread.getName().startsWith("registry-client-machine"))
                .count();
    }

    private void assertGone() throws InterruptedException {
        assertThat(goodbyes.poll(60, TimeUnit.SECONDS)).as("the goodbye").isNotNull();
        assertThat(ownThreads()).isEqualTo(threadsBefore);
    }

    /** Closes on a thread of its own; tells whether that is interrupted afterwards. */
    private static CompletableFuture<Boolean> closing(RegistryClient client, boolean interrupted) {
        CompletableFuture<Boolean> after = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            client.close();
            after.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        return after;
    }

    @Test
    void interruptedThread_saysGoodbyeEndsEverythingAndStaysInterrupted() throws Exception {
        RegistryClient client = registered(client().build());
        assertThat(closing(client, true).get(60, TimeUnit.SECONDS)).isTrue();
        assertGone();
    }

    @Test
    void interruptedThread_goodbyeIsNotAnswered_doesNotWaitForTheTimeout() throws Exception {
        answers = false;
        RegistryClient client = registered(client().build());
        assertThat(closing(client, true).get(60, TimeUnit.SECONDS)).isTrue();
        assertGone();
    }

    @Test
    void interruptedWhileItWaits_endsEverythingAndStaysInterrupted() throws Exception {
        answers = false;
        RegistryClient client = registered(client().build());
        CompletableFuture<Boolean> after = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            client.close();
            after.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        StreamObserver<AttachResponse> goodbye = goodbyes.poll(60, TimeUnit.SECONDS);
        assertThat(goodbye).isNotNull();
        thread.interrupt();
        assertThat(after.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ownThreads()).isEqualTo(threadsBefore);
    }

    @Test
    void notInterrupted_leavesTheThreadSo() throws Exception {
        RegistryClient client = registered(client().build());
        assertThat(closing(client, false).get(60, TimeUnit.SECONDS)).isFalse();
        assertGone();
    }

    @Test
    void twice_theSecondWaitsForTheFirst() throws Exception {
        answers = false;
        RegistryClient client = registered(client().build());
        CompletableFuture<Boolean> first = closing(client, false);
        StreamObserver<AttachResponse> goodbye = goodbyes.poll(60, TimeUnit.SECONDS);
        assertThat(goodbye).isNotNull();
        CompletableFuture<Boolean> second = closing(client, false);
        CompletableFuture<Boolean> hurried = closing(client, true);
        assertThat(hurried.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second).isNotDone();
        goodbye.onCompleted();
        second.get(60, TimeUnit.SECONDS);
        assertThat(ownThreads()).isEqualTo(threadsBefore);
        first.get(60, TimeUnit.SECONDS);
    }

    @Test
    void insideAStage_withAnExecutorOfTheUser_endsEverything() throws Exception {
        RegistryClient client = client().executor(Runnable::run).build();
        CompletableFuture<Void> closed = client.register(
                        "orders", Instance.builder("a").build())
                .registered()
                .thenRun(client::close)
                .toCompletableFuture();
        closed.get(60, TimeUnit.SECONDS);
        assertThat(goodbyes.poll(60, TimeUnit.SECONDS)).isNotNull();
        client.close();
        assertThat(ownThreads()).isEqualTo(threadsBefore);
    }

    @Test
    void insideAStage_endsEverything() throws Exception {
        RegistryClient client = client().build();
        client.register("orders", Instance.builder("a").build())
                .registered()
                .thenRun(client::close)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertGone();
    }

    @Test
    void insideAListener_endsEverything() throws Exception {
        RegistryClient client = client().executor(Runnable::run).build();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        client.watch("orders", change -> {
            client.close();
            closed.complete(null);
        });
        closed.get(60, TimeUnit.SECONDS);
        assertThat(ownThreads()).isEqualTo(threadsBefore);
    }

    @Test
    void everyCallOnAnInterruptedThread_worksAndLeavesItInterrupted(@TempDir Path directory) throws Exception {
        CompletableFuture<Boolean> after = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            RegistryClient client = client().cacheDirectory(directory).build();
            var registration = client.register("orders", Instance.builder("a").build());
            var watch = client.watch("orders", change -> {});
            registration.registered().toCompletableFuture().join();
            watch.synced().toCompletableFuture().join();
            watch.close();
            client.close();
            after.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        assertThat(after.get(100, TimeUnit.SECONDS)).isTrue();
        assertGone();
    }
}
