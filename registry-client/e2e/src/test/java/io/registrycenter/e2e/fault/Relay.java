package io.registrycenter.e2e.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** A network on the loopback address between many clients and a server, that can be cut. For any thread. */
public final class Relay implements AutoCloseable {

    private static final int BACKLOG = 4096;
    private static final int BUFFER_BYTES = 4096;

    private final int port;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final LongAdder bytesToServer = new LongAdder();
    private final LongAdder bytesToClients = new LongAdder();

    /** One connection: two sockets. */
    private record Link(Socket client, Socket server) {

        /** Both ends see a reset. */
        void reset() {
            reset(client);
            reset(server);
        }

        private static void reset(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException gone) {
                // It is closed, which was wanted.
            }
        }
    }

    /** @param port of the server on the loopback address */
    public Relay(int port) {
        this.port = port;
        try {
            listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("relay").start(this::accept);
    }

    public String target() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    public int links() {
        return links.size();
    }

    long bytesToServer() {
        return bytesToServer.sum();
    }

    public long bytesToClients() {
        return bytesToClients.sum();
    }

    /** Cuts every connection there is. */
    public void resetAll() {
        List.copyOf(links).forEach(Link::reset);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.startVirtualThread(() -> relay(client));
            } catch (IOException closed) {
                // Closed, or a client that was gone before it was accepted.
            }
        }
    }

    private void relay(Socket client) {
        Socket server = new Socket();
        Link link = new Link(client, server);
        links.add(link);
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Thread.startVirtualThread(() -> pump(link, client, server, bytesToServer));
            pump(link, server, client, bytesToClients);
        } catch (IOException refused) {
            end(link);
        }
    }

    /** What ends one way ends both: these clients and servers never half-close a connection. */
    private void pump(Link link, Socket from, Socket to, LongAdder bytes) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes.add(read);
                out.write(buffer, 0, read);
            }
        } catch (IOException broken) {
            // Cut by us, or by one side: the other is told by the closing below.
        } finally {
            end(link);
        }
    }

    private void end(Link link) {
        if (links.remove(link)) {
            link.reset();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        resetAll();
    }
}
