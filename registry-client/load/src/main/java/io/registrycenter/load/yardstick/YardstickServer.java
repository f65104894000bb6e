package io.registrycenter.load.yardstick;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.wire.Loops;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The bare server on loopback. */
public final class YardstickServer implements AutoCloseable {
    /** As the registry's: twice the streams it allows. */
    private static final int CALLS_PER_CONNECTION = 200;

    private final EventLoopGroup loops;
    private final Server server;

    private YardstickServer(EventLoopGroup loops, Server server) {
        this.loops = loops;
        this.server = server;
    }

    /** Starts on this port; 0 picks one. */
    public static YardstickServer start(int port) throws IOException {
        EventLoopGroup loops = Loops.group("yardstick", Runtime.getRuntime().availableProcessors());
        YardstickState state = new YardstickState(loops);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(Loops.serverChannel())
                .directExecutor()
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                .addService(watch(state))
                .addService(register(state))
                .addService(attach())
                .build()
                .start();
        return new YardstickServer(loops, server);
    }

    private static ServerServiceDefinition watch(YardstickState state) {
        var method = WatchServiceGrpc.getWatchMethod().toBuilder(
                        WatchServiceGrpc.getWatchMethod().getRequestMarshaller(), Payload.MARSHALLER)
                .build();
        return ServerServiceDefinition.builder(service(WatchServiceGrpc.SERVICE_NAME, method))
                .addMethod(method, (call, headers) -> new WatchCall(call, state))
                .build();
    }

    private static ServerServiceDefinition register(YardstickState state) {
        var method = RegistrationServiceGrpc.getRegisterMethod().toBuilder(Payload.MARSHALLER, Payload.MARSHALLER)
                .build();
        return ServerServiceDefinition.builder(service(RegistrationServiceGrpc.SERVICE_NAME, method))
                .addMethod(method, (call, headers) -> new RegisterCall(call, state))
                .build();
    }

    private static ServerServiceDefinition attach() {
        var method = SessionServiceGrpc.getAttachMethod();
        return ServerServiceDefinition.builder(service(SessionServiceGrpc.SERVICE_NAME, method))
                .addMethod(method, (call, headers) -> new AttachCall(call))
                .build();
    }

    private static ServiceDescriptor service(String name, MethodDescriptor<?, ?> method) {
        return ServiceDescriptor.newBuilder(name).addMethod(method).build();
    }

    public int port() {
        return server.getPort();
    }

    // The loops are daemon threads: nobody waits for their end.
    @SuppressWarnings("FutureReturnValueIgnored")
    @Override
    public void close() {
        server.shutdownNow();
        loops.shutdownGracefully();
    }
}
