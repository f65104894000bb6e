package io.registrycenter.store.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;

/** One member of a real etcd that can be killed, paused and started again with its data. Not thread-safe. */
public interface EtcdMember extends AutoCloseable {

    /** On the loopback address. */
    URI endpoint();

    /** With the data it had; returns before it has joined the others. */
    void start();

    /** Waits until clients can connect: on a busy machine that takes longer than a call may. */
    default void awaitListening() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    try (Socket socket = new Socket(
                            InetAddress.getLoopbackAddress(), endpoint().getPort())) {
                        return socket.isConnected();
                    }
                });
    }

    /** SIGKILL; the data stays. */
    void kill();

    /** Alive, connected, and silent: for its peers a half-open connection. */
    void pause();

    /** After {@link #pause}. */
    void resume();

    /** Whether it says that it is the leader; one that does not answer is none. */
    default boolean leads() {
        Duration patience = Duration.ofSeconds(1);
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(patience).build()) {
            HttpRequest request = HttpRequest.newBuilder(endpoint().resolve("/metrics"))
                    .timeout(patience)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .anyMatch("etcd_server_is_leader 1"::equals);
        } catch (IOException silent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Kills it and deletes its data. */
    @Override
    void close();
}
