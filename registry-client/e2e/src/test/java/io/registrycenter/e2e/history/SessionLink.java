package io.registrycenter.e2e.history;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.SessionHeartbeat;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A session kept by hand over any of several servers, because the real client does not show its id, which calls made by hand
 * need. Resumes as the contract says: one attempt for each loss, repeated on server after server until it is answered. For any
 * thread.
 */
final class SessionLink implements AutoCloseable {

    private static final long BEAT_MS = 300;

    private final int number;
    private final List<ManagedChannel> servers;
    private final ScheduledExecutorService timer;
    private final CompletableFuture<String> id = new CompletableFuture<>();

    @GuardedBy("this")
    private int tries;

    @GuardedBy("this")
    private Optional<SessionOpened> session = Optional.empty();

    @GuardedBy("this")
    private Optional<String> lost = Optional.empty();

    @GuardedBy("this")
    private String attempt = "";

    @GuardedBy("this")
    private Optional<Link> newest = Optional.empty();

    @GuardedBy("this")
    private boolean closed;

    /** One stream. Its end is taken once, from whoever sees it first. */
    private final class Link implements StreamObserver<AttachResponse> {
        private Optional<StreamObserver<AttachRequest>> requests = Optional.empty();
        private long lastFrame = System.nanoTime();
        private boolean opened;

        @Override
        public void onNext(AttachResponse response) {
            SessionLink.this.frame(this, response);
        }

        @Override
        public void onError(Throwable end) {
            SessionLink.this.failed(this, Status.fromThrowable(end));
        }

        @Override
        public void onCompleted() {
            SessionLink.this.over(this);
        }
    }

    SessionLink(int number, List<ManagedChannel> servers, ScheduledExecutorService timer) {
        this.number = number;
        this.servers = servers;
        this.timer = timer;
        this.tries = number;
        connect();
        var unused = timer.scheduleWithFixedDelay(this::beat, BEAT_MS, BEAT_MS, TimeUnit.MILLISECONDS);
    }

    /** The session's id, when it is open. */
    CompletableFuture<String> id() {
        return id;
    }

    /** Why the session does not live any more; empty while it does. */
    synchronized Optional<String> lost() {
        return lost;
    }

    private synchronized void connect() {
        if (closed || lost.isPresent()) {
            return;
        }
        Link link = new Link();
        newest = Optional.of(link);
        ManagedChannel server = servers.get(Math.floorMod(tries++, servers.size()));
        // gRPC's own waits grow while a server is away, and it would not be asked when it is back.
        server.resetConnectBackoff();
        StreamObserver<AttachRequest> requests =
                SessionServiceGrpc.newStub(server).attach(link);
        link.requests = Optional.of(requests);
        ClientInfo client = ClientInfo.newBuilder().setName("writer-" + number).build();
        if (session.isEmpty()) {
            requests.onNext(AttachRequest.newBuilder()
                    .setOpen(SessionOpen.newBuilder().setClient(client))
                    .build());
        } else {
            attempt = attempt.isEmpty() ? UUID.randomUUID().toString() : attempt;
            requests.onNext(AttachRequest.newBuilder()
                    .setResume(SessionResume.newBuilder()
                            .setSessionId(session.get().getSessionId())
                            .setFence(session.get().getFence())
                            .setAttempt(attempt)
                            .setClient(client))
                    .build());
        }
    }

    private synchronized void frame(Link link, AttachResponse response) {
        if (newest.filter(one -> one == link).isEmpty()) {
            return;
        }
        link.lastFrame = System.nanoTime();
        switch (response.getFrameCase()) {
            case OPENED -> {
                session = Optional.of(response.getOpened());
                attempt = "";
                link.opened = true;
                id.complete(response.getOpened().getSessionId());
            }
            case EXPIRED ->
                lost = Optional.of("expired: " + response.getExpired().getCause());
            case DRAIN -> end(link);
            default -> {
                // Proof of life, or of a replaced instance, which the history shows.
            }
        }
    }

    private synchronized void failed(Link link, Status status) {
        boolean forGood = status.getCode() == Status.Code.NOT_FOUND || status.getCode() == Status.Code.ABORTED;
        if (forGood && newest.filter(one -> one == link).isPresent()) {
            lost = Optional.of(status.toString());
        }
        over(link);
    }

    private synchronized void over(Link link) {
        if (newest.filter(one -> one == link).isPresent()) {
            newest = Optional.empty();
            var unused = timer.schedule(this::connect, BEAT_MS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void beat() {
        newest.ifPresent(link -> {
            // Silence: a third of the TTL is left to be back elsewhere after two of it.
            long patienceMs = session.map(SessionOpened::getTtlMs).orElse(3000L) / 3;
            if (System.nanoTime() - link.lastFrame
                    > Duration.ofMillis(patienceMs).toNanos()) {
                end(link);
            } else if (link.opened) {
                link.requests.ifPresent(requests -> requests.onNext(AttachRequest.newBuilder()
                        .setHeartbeat(SessionHeartbeat.getDefaultInstance())
                        .build()));
            }
        });
    }

    @GuardedBy("this")
    private void end(Link link) {
        over(link);
        link.requests.ifPresent(requests ->
                requests.onError(Status.CANCELLED.withDescription("elsewhere").asException()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        newest.ifPresent(this::end);
    }
}
