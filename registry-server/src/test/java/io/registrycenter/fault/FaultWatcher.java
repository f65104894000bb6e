package io.registrycenter.fault;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.Change;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Delta;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.PreviousClose;
import io.registrycenter.proto.v1.PreviousEnd;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchHeartbeatAck;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One client process as far as the network can tell: a connection with one watch stream that keeps the ids of a service's
 * instances, and, if wanted, a session. For any thread.
 */
final class FaultWatcher implements AutoCloseable {

    private final ManagedChannel channel;
    private final Interest interest;

    @GuardedBy("this")
    private final Map<String, Instance> state = new HashMap<>();

    @GuardedBy("this")
    private Cursor cursor = Cursor.getDefaultInstance();

    @GuardedBy("this")
    private long answers;

    /** Of the newest stream that was welcomed; empty: none was. */
    @GuardedBy("this")
    private String streamId = "";

    /** How the server says that the stream before ended. */
    @GuardedBy("this")
    private PreviousEnd previousEnd = PreviousEnd.getDefaultInstance();

    /** Of the newest stream; null when it has ended. */
    @GuardedBy("this")
    private @Nullable ClientCallStreamObserver<WatchRequest> out;

    FaultWatcher(int port, String service) {
        interest =
                Interest.newBuilder().setNamespace("faults").setService(service).build();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .initialFlowControlWindow(64 * 1024)
                .build();
    }

    /** Whether its newest stream is open, as far as it knows. */
    synchronized boolean connected() {
        return out != null;
    }

    /** What was not read of a connection that is gone stays until it is asked for; a cancel is not heard there. */
    private synchronized void abandon() {
        if (out != null) {
            out.cancel("the process ends", null);
            out.request(Integer.MAX_VALUE);
        }
    }

    private synchronized void ended(@Nullable ClientCallStreamObserver<WatchRequest> stream) {
        if (Objects.equals(out, stream)) {
            out = null;
        }
    }

    /** Opens a stream and resumes from its cursor, if it has one. */
    void connect(boolean reading) {
        Stream stream = new Stream(reading);
        var unused = WatchServiceGrpc.newStub(channel).watch(stream);
        WatchSubscribe.Builder subscribe =
                WatchSubscribe.newBuilder().setSubscriptionId(1).setInterest(interest);
        synchronized (this) {
            if (!cursor.getEpoch().isEmpty()) {
                subscribe.setCursor(cursor);
            }
            if (out != null) {
                WatchHello.Builder hello = WatchHello.newBuilder();
                if (!streamId.isEmpty()) {
                    hello.setPreviousClose(PreviousClose.newBuilder().setStreamId(streamId));
                }
                out.onNext(WatchRequest.newBuilder().setHello(hello).build());
                out.onNext(WatchRequest.newBuilder().setSubscribe(subscribe).build());
            }
        }
    }

    /** Opens a session on the same connection. */
    void attach() {
        StreamObserver<AttachRequest> session =
                SessionServiceGrpc.newStub(channel).attach(new Ignoring());
        session.onNext(AttachRequest.newBuilder()
                .setOpen(SessionOpen.getDefaultInstance())
                .build());
    }

    void resetConnectBackoff() {
        channel.resetConnectBackoff();
    }

    /** How many answers came on all its streams. */
    synchronized long answers() {
        return answers;
    }

    synchronized Map<String, Instance> state() {
        return Map.copyOf(state);
    }

    /** How the server says that its stream before the newest ended. */
    synchronized PreviousEnd previousEnd() {
        return previousEnd;
    }

    synchronized long revision() {
        return cursor.getRevision();
    }

    private synchronized void heard(ClientCallStreamObserver<WatchRequest> on, WatchResponse response) {
        answers++;
        if (response.hasWelcome()) {
            streamId = response.getWelcome().getStreamId();
            previousEnd = response.getWelcome().getPreviousEnd();
        }
        if (response.hasSnapshot()) {
            if (response.getSnapshot().getPart() == 0) {
                state.clear();
            }
            response.getSnapshot().getInstancesList().forEach(instance -> state.put(instance.getId(), instance));
            cursor = response.getSnapshot().getCursor();
        }
        response.getDeltasList().forEach(this::apply);
        if (response.hasHeartbeat() && response.getSubscriptionId() == 0) {
            on.onNext(WatchRequest.newBuilder()
                    .setHeartbeatAck(WatchHeartbeatAck.newBuilder()
                            .setSeq(response.getHeartbeat().getSeq()))
                    .build());
        }
    }

    @GuardedBy("this")
    private void apply(Delta delta) {
        for (Change change : delta.getChangesList()) {
            if (change.hasPut()) {
                state.put(change.getPut().getId(), change.getPut());
            } else {
                state.remove(change.getRemoval().getInstanceId());
            }
        }
        cursor = cursor.toBuilder().setRevision(delta.getRevision()).build();
    }

    @Override
    public void close() {
        abandon();
        channel.shutdownNow();
        FaultServer.await(channel::isTerminated);
    }

    private final class Stream implements ClientResponseObserver<WatchRequest, WatchResponse> {

        private final boolean reading;
        private @Nullable ClientCallStreamObserver<WatchRequest> own;

        Stream(boolean reading) {
            this.reading = reading;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> requests) {
            own = requests;
            synchronized (FaultWatcher.this) {
                out = requests;
            }
            if (!reading) {
                // The welcome and the first snapshot, then nothing.
                requests.disableAutoRequestWithInitial(2);
            }
        }

        @Override
        public void onNext(WatchResponse response) {
            if (own != null) {
                heard(own, response);
            }
        }

        @Override
        public void onError(Throwable ended) {
            // What it was is for the server to say.
            ended(own);
        }

        @Override
        public void onCompleted() {
            ended(own);
        }
    }

    private static final class Ignoring implements StreamObserver<AttachResponse> {
        @Override
        public void onNext(AttachResponse value) {
            // Nothing is expected but the answer to open.
        }

        @Override
        public void onError(Throwable ended) {
            // The connection was broken, as wanted.
        }

        @Override
        public void onCompleted() {
            // Likewise.
        }
    }
}
