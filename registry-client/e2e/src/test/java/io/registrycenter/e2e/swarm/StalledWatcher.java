package io.registrycenter.e2e.swarm;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.util.concurrent.CompletableFuture;

/**
 * A client that reads its first answers and then nothing more, on a stream with the smallest window there is: what the real
 * client never does. It does not come back: gRPC tells the end of a call only to those who read.
 */
final class StalledWatcher extends ClientCall.Listener<WatchResponse> {

    private static final int WINDOW_BYTES = 64 * 1024;
    private static final int FIRST_ANSWERS = 2;

    private final int number;
    private final SwarmPlan plan;
    private final ManagedChannel channel;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private int answers;

    StalledWatcher(int number, SwarmPlan plan) {
        this.number = number;
        this.plan = plan;
        channel = NettyChannelBuilder.forTarget(plan.targets()[0])
                .usePlaintext()
                .directExecutor()
                .flowControlWindow(WINDOW_BYTES)
                .build();
    }

    /** Completes when the first answers were read. */
    CompletableFuture<?> open() {
        ClientCall<WatchRequest, WatchResponse> call =
                channel.newCall(WatchServiceGrpc.getWatchMethod(), CallOptions.DEFAULT.withWaitForReady());
        call.start(this, new Metadata());
        call.request(FIRST_ANSWERS);
        call.sendMessage(WatchRequest.newBuilder()
                .setHello(WatchHello.newBuilder()
                        .setClient(ClientInfo.newBuilder().setName("stalled-" + number)))
                .build());
        call.sendMessage(WatchRequest.newBuilder()
                .setSubscribe(WatchSubscribe.newBuilder()
                        .setSubscriptionId(1)
                        .setInterest(
                                Interest.newBuilder().setNamespace("default").setService(plan.stalledService())))
                .build());
        return opened;
    }

    @Override
    public void onMessage(WatchResponse message) {
        if (++answers == FIRST_ANSWERS) {
            opened.complete(null);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        opened.completeExceptionally(status.asRuntimeException(trailers));
    }
}
