package io.registrycenter.client.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries TCP connections to a server on this machine until it resets them all, as a network does: RST to both ends. Two
 * threads for each connection. Any thread.
 */
final class CutRelay implements AutoCloseable {

    private final ServerSocket listening;
    private final int to;

    @GuardedBy("this")
    private final List<Socket> open = new ArrayList<>();

    CutRelay(int to) throws IOException {
        this.to = to;
        listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    synchronized int connections() {
        return open.size() / 2;
    }

    synchronized void reset() {
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException gone) {
                // It is gone already, which is what was wanted.
            }
        }
        open.clear();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                synchronized (this) {
                    open.add(client);
                    open.add(server);
                }
                daemon(() -> pump(client, server));
                daemon(() -> pump(server, client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException cut) {
            // The relay was told to reset it, or an end is gone.
            return;
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "cut-relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        reset();
    }
}
