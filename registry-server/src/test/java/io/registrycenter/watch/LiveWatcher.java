package io.registrycenter.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.registrycenter.catalog.Interest;
import io.registrycenter.proto.v1.Coalesce;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchSubscribe;
import io.registrycenter.proto.v1.WatchUnsubscribe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client process over TCP: one connection, one stream at a time with a subscription for each interest, which reads only what
 * it asked for. Its clients check what they are told. For any thread.
 */
final class LiveWatcher implements AutoCloseable {

    private final ManagedChannel channel;

    @GuardedBy("this")
    private final List<WatchingClient> clients = new ArrayList<>();

    /** Null while no stream is open; what an older one still delivers is not heard. */
    @GuardedBy("this")
    private @Nullable Stream stream;

    LiveWatcher(int port, List<Interest> interests, KnownHistory truth, Ledger ledger) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .initialFlowControlWindow(64 * 1024)
                .build();
        for (Interest interest : interests) {
            clients.add(new WatchingClient(clients.size() + 1L, interest, truth, ledger));
        }
    }

    synchronized boolean connected() {
        return stream != null;
    }

    /** Opens a stream and resumes every interest from its cursor. */
    synchronized void connect(boolean coalesce) {
        // A connection that was cut a moment ago is tried again at once, not after gRPC's backoff.
        channel.resetConnectBackoff();
        Stream opened = new Stream();
        stream = opened;
        var unused = WatchServiceGrpc.newStub(channel).watch(opened);
        opened.say(WatchRequest.newBuilder()
                .setHello(WatchHello.getDefaultInstance())
                .build());
        clients.forEach(client -> subscribe(opened, client, coalesce));
    }

    /** Takes this many more answers. */
    synchronized void allow(int answers) {
        if (stream != null) {
            stream.request(answers);
        }
    }

    /** Ends one subscription on the open stream; nothing is heard of it until the stream is opened anew. */
    synchronized void unsubscribe(int index) {
        if (stream != null) {
            WatchingClient client = clients.get(index % clients.size());
            client.receive(new Told.Ended(client.id(), io.registrycenter.catalog.CloseCause.CLIENT_COMPLETED));
            stream.say(WatchRequest.newBuilder()
                    .setUnsubscribe(WatchUnsubscribe.newBuilder().setSubscriptionId(client.id()))
                    .build());
        }
    }

    synchronized void cancel() {
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
    }

    /** Whether some subscription was ended and wants a stream anew. */
    synchronized boolean wantsReconnect() {
        return stream == null || clients.stream().anyMatch(WatchingClient::ended);
    }

    synchronized boolean has(long revision) {
        return clients.stream().allMatch(client -> client.has(revision));
    }

    private static void subscribe(Stream on, WatchingClient client, boolean coalesce) {
        client.subscribed();
        WatchSubscribe.Builder subscribe = WatchSubscribe.newBuilder()
                .setSubscriptionId(client.id())
                .setInterest(WireTold.interest(client.interest()))
                .setCoalesce(coalesce ? Coalesce.COALESCE_ALLOWED : Coalesce.COALESCE_NEVER);
        if (client.cursor() != null) {
            subscribe.setCursor(WireTold.cursor(client.cursor()));
        }
        on.say(WatchRequest.newBuilder().setSubscribe(subscribe).build());
    }

    private synchronized void heard(Stream on, WatchResponse response) {
        if (on != stream) {
            return;
        }
        for (Told told : WireTold.of(response)) {
            for (WatchingClient client : clients) {
                if (told.subscriptionId() == 0 || told.subscriptionId() == client.id()) {
                    client.receive(told);
                }
            }
        }
        if (response.hasHeartbeat() && response.getSubscriptionId() == 0) {
            on.say(WireTold.acknowledge(response.getHeartbeat()));
        }
    }

    private synchronized void gone(Stream which) {
        if (which == stream) {
            stream = null;
        }
    }

    @Override
    public void close() {
        cancel();
        channel.shutdownNow();
    }

    /** One call. */
    private final class Stream implements ClientResponseObserver<WatchRequest, WatchResponse> {

        private @Nullable ClientCallStreamObserver<WatchRequest> out;

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> requests) {
            out = requests;
            requests.disableAutoRequestWithInitial(0);
        }

        void say(WatchRequest request) {
            if (out != null) {
                out.onNext(request);
            }
        }

        void request(int answers) {
            if (out != null) {
                out.request(answers);
            }
        }

        void cancel() {
            if (out != null) {
                out.cancel("the test cuts", null);
                // On a connection that is gone a cancel is not heard, and what was not read would never be released.
                out.request(Integer.MAX_VALUE);
            }
        }

        @Override
        public void onNext(WatchResponse response) {
            heard(this, response);
        }

        @Override
        public void onError(Throwable ignored) {
            gone(this);
        }

        @Override
        public void onCompleted() {
            gone(this);
        }
    }
}
