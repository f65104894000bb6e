package io.registrycenter.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between clients and a server on the loopback address, that can be broken: for one {@link RelayLink}, or for all.
 *
 * <p>For any thread. One thread accepts, two serve each link.
 */
public final class TcpRelay implements AutoCloseable {

    /** Small, so that a side that is not read is felt by the other soon. */
    private static final int SOCKET_BUFFER_BYTES = 16 * 1024;

    private static final int BACKLOG = 256;

    private final ServerSocket listener;
    private final Set<RelayLink> links = ConcurrentHashMap.newKeySet();
    private volatile int target;

    /** @param target port of the server on the loopback address */
    public TcpRelay(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket();
        listener.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        Thread.ofPlatform().daemon().name("relay-accept").start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The server came back on another port. */
    public void target(int port) {
        target = port;
    }

    /** The links that are open, in no order. */
    public List<RelayLink> links() {
        return List.copyOf(links);
    }

    /** Both ends of every link see a reset. */
    public void resetAll() {
        links().forEach(RelayLink::reset);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                relay(listener.accept());
            } catch (IOException closedOrRefused) {
                // The relay is closed, or the server is down: the client finds its connection closed.
            }
        }
    }

    private void relay(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            server.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        } catch (IOException refused) {
            client.close();
            server.close();
            throw refused;
        }
        RelayLink link = new RelayLink(client, server, links::remove);
        links.add(link);
        link.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        resetAll();
    }
}
