package io.registrycenter.load.client;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.registrycenter.load.wire.Connection;
import io.registrycenter.load.wire.Ending;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Providers that change nothing: a session each, with one instance, kept alive by heartbeats. One driving thread. */
public final class Providers {
    private final List<Provider> all = new ArrayList<>();

    private record Provider(EventLoop loop, SessionLink session) {}

    /**
     * Opens sessions and registers an instance by each; returns when all are acknowledged.
     *
     * @param name of the instances, each with a number behind it
     */
    public static Providers open(
            InetSocketAddress server, EventLoopGroup group, String name, int count, int perConnection) {
        Providers providers = new Providers();
        for (int i = 0; i < count; i += perConnection) {
            EventLoop loop = group.next();
            Connection connection = Waits.get(Connection.open(loop, server));
            for (int n = i; n < Math.min(count, i + perConnection); n++) {
                int number = n;
                providers.all.add(Waits.get(CompletableFuture.completedFuture(connection)
                        .thenComposeAsync(open -> provider(open, loop, name + "-" + number), loop)));
            }
        }
        return providers;
    }

    private static CompletableFuture<Provider> provider(Connection connection, EventLoop loop, String instance) {
        return SessionLink.open(connection, loop).thenCompose(session -> {
            CompletableFuture<Provider> registered = new CompletableFuture<>();
            WriteCall call = new WriteCall(Write.REGISTER, (over, ending) -> end(registered, loop, session, ending));
            call.sentAt(System.nanoTime());
            Template template = RegisterTemplate.of("load", "steady", instance, session.sessionId());
            connection.call(Write.REGISTER.method(), call, template.with(0), true);
            return registered;
        });
    }

    private static void end(
            CompletableFuture<Provider> registered, EventLoop loop, SessionLink session, Ending ending) {
        if (ending.ok()) {
            registered.complete(new Provider(loop, session));
        } else {
            registered.completeExceptionally(new IllegalStateException("not registered: " + ending));
        }
    }

    /** Heartbeats sent so far, of sessions that still stand; fails when one has ended. */
    public long heartbeats() {
        long sum = 0;
        for (Provider provider : all) {
            sum += Waits.get(CompletableFuture.supplyAsync(provider.session()::heartbeats, provider.loop()));
        }
        return sum;
    }

    /** Ends the sessions: the server takes the instances out. */
    public void goodbye() {
        for (Provider provider : all) {
            Waits.done(CompletableFuture.runAsync(provider.session()::goodbye, provider.loop()));
        }
    }
}
