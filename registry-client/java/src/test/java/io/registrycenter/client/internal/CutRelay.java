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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Carries TCP connections to a server on this machine until it breaks them all, as a network or a proxy does. Two threads for
 * each connection. Any thread.
 */
final class CutRelay implements AutoCloseable {

    private static final int BUFFER_BYTES = 8 * 1024;

    private final ServerSocket listening;
    private final int to;
    private volatile boolean silent;
    /** Connections with a smaller number are silent. */
    private volatile int frozenBelow;

    private final AtomicInteger accepted = new AtomicInteger();

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

    /** From now on bytes vanish, both ways; the connections stay. */
    void silence() {
        silent = true;
    }

    /** From now on bytes vanish on the connections that are there, both ways; they stay, and new ones work. */
    void freeze() {
        frozenBelow = accepted.get();
    }

    /** Says something to every client, in between two messages of a server that is silent. */
    synchronized void say(byte[] bytes) throws IOException {
        for (int i = 0; i < open.size(); i += 2) {
            open.get(i).getOutputStream().write(bytes);
        }
    }

    /** Every client sees an end without a goodbye (FIN). */
    synchronized void finish() throws IOException {
        for (int i = 0; i < open.size(); i += 2) {
            open.get(i).shutdownOutput();
        }
    }

    /** Both ends see a reset (RST). */
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
                int number = accepted.getAndIncrement();
                daemon(() -> pump(number, client, server));
                daemon(() -> pump(number, server, client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void pump(int number, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (!silent && number >= frozenBelow) {
                    out.write(buffer, 0, read);
                }
            }
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
