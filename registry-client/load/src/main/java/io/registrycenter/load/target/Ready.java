package io.registrycenter.load.target;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/** Whether a server takes work. */
interface Ready {
    int TIMEOUT_MS = 1_000;

    /** Asked again and again until it is true. */
    boolean now();

    /** The registry says so itself. */
    static Ready http(int port) {
        return () -> {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness")
                                .toURL()
                                .openConnection();
                connection.setConnectTimeout(TIMEOUT_MS);
                connection.setReadTimeout(TIMEOUT_MS);
                try {
                    return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
                } finally {
                    connection.disconnect();
                }
            } catch (IOException e) {
                return false;
            }
        };
    }

    /** The port takes connections. */
    static Ready listens(int port) {
        return () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
                return true;
            } catch (IOException e) {
                return false;
            }
        };
    }
}
