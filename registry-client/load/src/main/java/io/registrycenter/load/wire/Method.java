package io.registrycenter.load.wire;

import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.registrycenter.load.etcd.wire.KVGrpc;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;

/** The calls this program makes, with the headers they begin with. Immutable. */
public final class Method {
    public static final Method WATCH = new Method(WatchServiceGrpc.getWatchMethod());
    public static final Method ATTACH = new Method(SessionServiceGrpc.getAttachMethod());
    public static final Method REGISTER = new Method(RegistrationServiceGrpc.getRegisterMethod());
    public static final Method ETCD_TXN = new Method(KVGrpc.getTxnMethod());

    private final Http2Headers headers;

    private Method(MethodDescriptor<?, ?> descriptor) {
        headers = ReadOnlyHttp2Headers.clientHeaders(
                true,
                AsciiString.cached("POST"),
                AsciiString.cached("/" + descriptor.getFullMethodName()),
                AsciiString.cached("http"),
                AsciiString.cached("localhost"),
                AsciiString.cached("te"),
                AsciiString.cached("trailers"),
                AsciiString.cached("content-type"),
                AsciiString.cached("application/grpc"),
                AsciiString.cached("user-agent"),
                AsciiString.cached("registry-load"));
    }

    Http2Headers headers() {
        return headers;
    }
}
