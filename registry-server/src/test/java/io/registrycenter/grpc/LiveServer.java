package io.registrycenter.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.RegistryServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The whole server on free ports of the loopback address, with clocks that fit a test, and a channel to it. */
public final class LiveServer implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final ManagedChannel channel;

    private LiveServer(ConfigurableApplicationContext context) {
        this.context = context;
        this.channel = newChannel();
    }

    /** Starts one. In {@code more}, an argument that names a property again replaces it. */
    public static LiveServer start(Path data, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--registry.data-dir=" + data,
                "--registry.node=live",
                "--server.port=0",
                "--spring.grpc.server.port=0",
                "--spring.main.register-shutdown-hook=false",
                "--registry.drain.timeout=1s",
                "--registry.watch.heartbeat-interval=400ms",
                "--registry.session.reconnect-grace=1s"));
        for (String argument : more) {
            String property = argument.substring(0, argument.indexOf('=') + 1);
            args.removeIf(known -> known.startsWith(property));
            args.add(argument);
        }
        return new LiveServer(SpringApplication.run(RegistryServer.class, args.toArray(String[]::new)));
    }

    public int grpcPort() {
        return context.getBean(GrpcServerLifecycle.class).getPort();
    }

    public int httpPort() {
        return port("local.server.port");
    }

    /** Where actuator listens, when it has a port of its own. */
    public int managementPort() {
        return port("local.management.port");
    }

    private int port(String property) {
        return Integer.parseInt(String.valueOf(context.getEnvironment().getProperty(property)));
    }

    ManagedChannel channel() {
        return channel;
    }

    /** A connection of its own; whoever asked closes it. */
    ManagedChannel newChannel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", grpcPort())
                .usePlaintext()
                .build();
    }

    /** As {@link #newChannel}, but with so little room that a stream which is not read is soon full. */
    ManagedChannel newNarrowChannel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", grpcPort())
                .usePlaintext()
                .initialFlowControlWindow(64 * 1024)
                .build();
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** As SIGTERM does it. A second call does nothing. */
    public void stop() {
        context.close();
    }

    @Override
    public void close() {
        stop();
        channel.shutdownNow();
    }
}
