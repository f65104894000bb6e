package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.registrycenter.store.etcd.wire.AuthGrpc;
import io.registrycenter.store.etcd.wire.AuthenticateRequest;
import io.registrycenter.store.etcd.wire.AuthenticateResponse;
import io.registrycenter.store.etcd.wire.Event;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.KeyValue;
import io.registrycenter.store.etcd.wire.MaintenanceGrpc;
import io.registrycenter.store.etcd.wire.PutRequest;
import io.registrycenter.store.etcd.wire.PutResponse;
import io.registrycenter.store.etcd.wire.RangeRequest;
import io.registrycenter.store.etcd.wire.RangeResponse;
import io.registrycenter.store.etcd.wire.ResponseHeader;
import io.registrycenter.store.etcd.wire.StatusRequest;
import io.registrycenter.store.etcd.wire.StatusResponse;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import io.registrycenter.store.etcd.wire.WatchGrpc;
import io.registrycenter.store.etcd.wire.WatchRequest;
import io.registrycenter.store.etcd.wire.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A gRPC server that speaks etcd's words as a test tells it to, one answer after the other: for everything a real etcd does too
 * rarely. Watches and transactions arrive in queues; the test plays them.
 */
final class FakeEtcd implements AutoCloseable {

    private static final long DEADLINE_S = 10;
    private static final Context.Key<Metadata> HEADERS = Context.key("headers");
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** A call the test answers. */
    record Call<Q, A>(Q request, StreamObserver<A> answer, String token, boolean leaderRequired) {}

    final BlockingQueue<Call<WatchRequest, WatchResponse>> watches = new LinkedBlockingQueue<>();
    final BlockingQueue<Call<TxnRequest, TxnResponse>> transactions = new LinkedBlockingQueue<>();
    final BlockingQueue<Call<RangeRequest, RangeResponse>> ranges = new LinkedBlockingQueue<>();
    final BlockingQueue<Call<StatusRequest, StatusResponse>> statuses = new LinkedBlockingQueue<>();
    final AtomicInteger authentications = new AtomicInteger();

    /** Answers puts. */
    volatile Consumer<StreamObserver<PutResponse>> nextPut =
            answer -> answer.onError(Status.UNIMPLEMENTED.asRuntimeException());

    private final Server server;

    FakeEtcd() {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .addService(new Kv())
                    .addService(new Watch())
                    .addService(new Auth())
                    .addService(new Maintenance())
                    .intercept(new Headers())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    static <T> T next(BlockingQueue<T> calls) throws InterruptedException {
        T call = calls.poll(DEADLINE_S, TimeUnit.SECONDS);
        if (call == null) {
            throw new AssertionError("no call came");
        }
        return call;
    }

    static ResponseHeader at(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    /** An answer of the watch with events of these revisions, one each. */
    static WatchResponse events(ByteString key, boolean fragment, long... revisions) {
        WatchResponse.Builder response = WatchResponse.newBuilder().setFragment(fragment);
        for (long revision : revisions) {
            response.addEvents(Event.newBuilder()
                    .setKv(KeyValue.newBuilder()
                            .setKey(key)
                            .setModRevision(revision)
                            .setValue(ByteString.copyFromUtf8("v" + revision))));
        }
        return response.build();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private <Q, A> Call<Q, A> call(Q request, StreamObserver<A> answer) {
        Metadata sent = HEADERS.get();
        String token = sent == null ? null : sent.get(TOKEN);
        return new Call<>(
                request,
                answer,
                token == null ? "" : token,
                sent != null && "true".equals(sent.get(Upstream.HAS_LEADER)));
    }

    /** Keeps the headers of the call at hand. */
    private final class Headers implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata sent, ServerCallHandler<Q, A> next) {
            return Contexts.interceptCall(Context.current().withValue(HEADERS, sent), call, sent, next);
        }
    }

    private final class Watch extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watches.add(call(request, answers));
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> answer) {
            transactions.add(call(request, answer));
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
            ranges.add(call(request, answer));
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> answer) {
            nextPut.accept(answer);
        }
    }

    private final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
            statuses.add(call(request, answer));
        }
    }

    private final class Auth extends AuthGrpc.AuthImplBase {
        @Override
        public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> answer) {
            answer.onNext(AuthenticateResponse.newBuilder()
                    .setToken(request.getName() + "-" + authentications.incrementAndGet())
                    .build());
            answer.onCompleted();
        }
    }

    /** The members as settings. */
    static EtcdSettings settings(String user, FakeEtcd... members) {
        return settings(
                EtcdSettings.plain(List.of(members[0].endpoint()), "/t/").requestTimeout(), user, members);
    }

    static EtcdSettings settings(Duration requestTimeout, String user, FakeEtcd... members) {
        List<URI> endpoints = List.of(members).stream().map(FakeEtcd::endpoint).toList();
        EtcdSettings plain = EtcdSettings.plain(endpoints, "/t/");
        return new EtcdSettings(
                endpoints,
                plain.prefix(),
                user,
                "secret",
                null,
                null,
                null,
                requestTimeout,
                plain.leaseTtl(),
                plain.waitingBytes(),
                false);
    }
}
