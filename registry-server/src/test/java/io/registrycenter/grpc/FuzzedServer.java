package io.registrycenter.grpc;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.watch.Hub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** One live server for all inputs, and what an input has left of itself in it. Driven by one thread. */
final class FuzzedServer {

    static final String NAMESPACE = "fuzzed";
    static final String SERVICE = "orders";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int INSTANCES = 20;

    private static @Nullable FuzzedServer running;

    private final Path directory;
    private final LiveServer live;
    private final Client.Session session;
    private final String epoch;
    private final Queue<String> thrown = new ConcurrentLinkedQueue<>();

    /** The first input starts it: what is loaded before is not watched by the fuzzer. */
    static FuzzedServer running() {
        if (running == null) {
            try {
                running = new FuzzedServer();
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        return running;
    }

    static void stop() {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    private FuzzedServer() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("fuzzed-server");
        live = LiveServer.start(
                directory.resolve("data"),
                "--registry.watch.ahead-wait=10ms",
                "--registry.grpc.handshakes-per-second=0",
                "--logging.level.io.registrycenter.grpc.CloseLog=off");
        Client client = new Client(live.channel());
        session = client.openSession();
        for (int i = 0; i < INSTANCES; i++) {
            client.register(NAMESPACE, SERVICE, Client.instance("i" + i), session.id());
        }
        epoch = Objects.requireNonNull(client.register(NAMESPACE, SERVICE, Client.instance("last"), session.id()))
                .getCursor()
                .getEpoch();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> thrown.add(thread.getName() + ": " + failure));
        Errors errors = new Errors();
        errors.start();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(errors);
    }

    int port() {
        return live.grpcPort();
    }

    String epoch() {
        return epoch;
    }

    /** Of a session that is attached elsewhere. */
    String sessionId() {
        return session.id();
    }

    /** Nothing, said in an empty text, when all streams have ended, for a cause, and nothing was thrown. */
    String whatIsLeft() {
        Hub hub = live.bean(Hub.class);
        try {
            // Its own session has the one connection that stays.
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(PATIENCE)
                    .until(() ->
                            live.bean(GrpcTransport.class).connections().all().size() <= 1
                                    && hub.streams().isEmpty());
        } catch (ConditionTimeoutException stays) {
            return hub.streams().size() + " streams, and connections, are still there";
        }
        if (hub.stats().streams() != 0 || hub.stats().subscriptions() != 0) {
            return hub.stats().streams() + " streams, " + hub.stats().subscriptions() + " subscriptions are counted";
        }
        long faults = hub.stats().closes(CloseCause.SERVER_FAULT) + hub.stats().closes(CloseCause.UNKNOWN);
        if (faults != 0) {
            return faults + " streams ended for a fault or an unknown cause";
        }
        return thrown.stream().collect(Collectors.joining("\n"));
    }

    private void close() {
        live.close();
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What libraries and this server log when something was thrown that nobody expected. */
    private final class Errors extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            boolean withStack =
                    event.getThrowableProxy() != null && event.getLevel().isGreaterOrEqual(Level.WARN);
            if (withStack || event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                thrown.add(event.getLoggerName() + ": " + event.getFormattedMessage()
                        + (withStack
                                ? " " + event.getThrowableProxy().getClassName() + " "
                                        + event.getThrowableProxy().getMessage()
                                : ""));
            }
        }
    }
}
