package io.registrycenter.e2e.memory;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A provider that changes large instances again and again, many calls at a time, and counts the answers. Confined to one thread,
 * but for the answers.
 */
final class BigChanges implements AutoCloseable {

    private static final int IN_FLIGHT = 60;
    private static final int SERVICES = 24;
    private static final int INSTANCES = 240;
    private static final int ENTRIES = 14;
    private static final long DEADLINE_SECONDS = 30;
    private static final String VALUE = "v".repeat(1000);

    private final ManagedChannel channel;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("big-changes-heartbeats").factory());
    private final StreamObserver<AttachRequest> session;
    private final String sessionId;
    private final Map<Status.Code, Integer> answers = new ConcurrentHashMap<>();
    private int made;

    BigChanges(String target) throws Exception {
        channel = ManagedChannelBuilder.forTarget(target).usePlaintext().build();
        CompletableFuture<String> opened = new CompletableFuture<>();
        session = SessionServiceGrpc.newStub(channel).attach(new StreamObserver<>() {
            @Override
            public void onNext(AttachResponse response) {
                if (response.hasOpened()) {
                    opened.complete(response.getOpened().getSessionId());
                }
            }

            @Override
            public void onError(Throwable end) {
                opened.completeExceptionally(end);
            }

            @Override
            public void onCompleted() {
                opened.completeExceptionally(new IllegalStateException("the session ended"));
            }
        });
        send(AttachRequest.newBuilder()
                .setOpen(SessionOpen.newBuilder()
                        .setClient(
                                ClientInfo.newBuilder().setName("big-changes").build()))
                .build());
        sessionId = opened.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        var unused = timer.scheduleWithFixedDelay(
                () -> send(AttachRequest.newBuilder()
                        .setHeartbeat(SessionHeartbeat.getDefaultInstance())
                        .build()),
                1,
                1,
                TimeUnit.SECONDS);
    }

    private synchronized void send(AttachRequest request) {
        session.onNext(request);
    }

    /** Makes so many changes of 14 KB; the answers of all of them so far, by status. */
    Map<Status.Code, Integer> make(int changes) throws InterruptedException {
        Semaphore places = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < changes; i++) {
            places.acquire();
            RegistrationServiceGrpc.newStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .register(request(made++), new StreamObserver<>() {
                        @Override
                        public void onNext(RegisterResponse response) {
                            answers.merge(Status.Code.OK, 1, Integer::sum);
                        }

                        @Override
                        public void onError(Throwable refused) {
                            answers.merge(Status.fromThrowable(refused).getCode(), 1, Integer::sum);
                            places.release();
                        }

                        @Override
                        public void onCompleted() {
                            places.release();
                        }
                    });
        }
        places.acquire(IN_FLIGHT);
        return new TreeMap<>(answers);
    }

    private RegisterRequest request(int number) {
        Instance.Builder instance = Instance.newBuilder().setId("i" + number % INSTANCES);
        for (int i = 0; i < ENTRIES; i++) {
            instance.putMetadata("k" + i, VALUE);
        }
        return RegisterRequest.newBuilder()
                .setNamespace("default")
                .setService("s" + number % SERVICES)
                .setSessionId(sessionId)
                .setInstance(instance.putMetadata("number", Integer.toString(number)))
                .build();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        channel.shutdownNow();
    }
}
