package io.registrycenter.grpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.ListInstancesResponse;
import io.registrycenter.proto.v1.ListServicesRequest;
import io.registrycenter.proto.v1.ListServicesResponse;
import io.registrycenter.view.ServiceSummary;
import io.registrycenter.view.View;
import io.registrycenter.view.ViewSnapshot;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code CatalogService}: reads what this node knows, from memory. */
public final class CatalogCalls implements CatalogServiceGrpc.AsyncService, BindableService {

    private static final Duration MIN_CURSOR_WAIT = Duration.ofSeconds(3);
    private static final Duration RETRY_WHEN_BEHIND = Duration.ofSeconds(1);
    private static final Duration RETRY_WHEN_FULL = Duration.ofSeconds(1);

    private final View view;
    private final GrpcTransport transport;
    private final int messageBytes;

    /** @param messageBytes no answer is longer */
    public CatalogCalls(View view, GrpcTransport transport, int messageBytes) {
        this.view = view;
        this.transport = transport;
        this.messageBytes = messageBytes;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return UnaryCalls.bound(CatalogServiceGrpc.bindService(this));
    }

    @Override
    public void listServices(ListServicesRequest request, StreamObserver<ListServicesResponse> observer) {
        UnaryCalls.answer(
                transport.loop(),
                observer,
                () -> CompletableFuture.completedFuture(WireWords.namespace(request.getNamespace())),
                this::services);
    }

    @Override
    public void listInstances(ListInstancesRequest request, StreamObserver<ListInstancesResponse> observer) {
        UnaryCalls.answer(
                transport.loop(),
                observer,
                () -> {
                    Interest interest = WireWords.interest("interest", request.hasInterest(), request.getInterest());
                    CompletableFuture<Void> reached = request.hasMinCursor()
                            ? reached(WireWords.cursor("min_cursor", request.getMinCursor()))
                            : CompletableFuture.completedFuture(null);
                    return reached.thenApply(ignored -> interest);
                },
                this::instances);
    }

    /** A cursor of another epoch says nothing about this one: its holder is answered at once, and learns of the new epoch. */
    private CompletableFuture<Void> reached(Cursor wanted) {
        if (!wanted.epoch().equals(view.epoch()) || view.revision() >= wanted.revision()) {
            return CompletableFuture.completedFuture(null);
        }
        return view.reached(wanted.revision())
                .orTimeout(MIN_CURSOR_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    if (failure instanceof TimeoutException) {
                        throw new Refusal.Unavailable(
                                CloseCause.SERVER_BEHIND,
                                "this server has applied revision " + view.revision() + ", not yet "
                                        + wanted.revision(),
                                RETRY_WHEN_BEHIND);
                    }
                    throw new IllegalStateException("waiting for revision " + wanted.revision() + " failed", failure);
                });
    }

    private ListServicesResponse services(String namespace) {
        // The cursor first: services may be newer than it says, never older.
        ListServicesResponse.Builder response = ListServicesResponse.newBuilder()
                .setCursor(WordsWire.cursor(view.cursor()))
                .setStale(stale());
        for (ServiceSummary service : view.services(namespace)) {
            response.addServices(ListServicesResponse.Service.newBuilder()
                    .setName(service.name())
                    .setInstances(service.instances())
                    .setUp(service.up()));
        }
        ListServicesResponse answer = response.build();
        requireFits(answer.getSerializedSize());
        return answer;
    }

    private ListInstancesResponse instances(Interest interest) {
        requireRoom();
        boolean stale = stale();
        ViewSnapshot snapshot = view.snapshot(interest);
        ListInstancesResponse.Builder response = ListInstancesResponse.newBuilder()
                .setCursor(WordsWire.cursor(snapshot.cursor()))
                .setStale(stale);
        for (Instance instance : snapshot.instances()) {
            response.addInstances(WordsWire.instance(instance));
        }
        ListInstancesResponse answer = response.build();
        requireFits(answer.getSerializedSize());
        return answer;
    }

    private boolean stale() {
        return view.freshness().stale();
    }

    /** An answer may be large, and nobody knows when its caller takes it. */
    private void requireRoom() {
        long used = transport.bufferBytes();
        if (used > transport.mostBufferBytes()) {
            throw new Refusal.LimitExceeded("buffer-bytes", transport.mostBufferBytes(), used, RETRY_WHEN_FULL);
        }
    }

    private void requireFits(int bytes) {
        if (bytes > messageBytes) {
            throw new Refusal.LimitExceeded("message-bytes", messageBytes, bytes, Duration.ZERO);
        }
    }
}
