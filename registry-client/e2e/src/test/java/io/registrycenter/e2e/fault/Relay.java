package io.registrycenter.e2e.fault;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network on the loopback address between many clients and a server, that can be cut in the two ways networks are. For any
 * thread.
 *
 * <pre>
 *            refuse                   hold
 *   OPEN ------------> REFUSING   OPEN ----> HOLDING     from each to each; open() ends both
 * </pre>
 */
public final class Relay implements AutoCloseable {

    private static final int BACKLOG = 4096;
    private static final int BUFFER_BYTES = 4096;

    /** What it does with bytes and connections. */
    private enum Line {
        OPEN,
        /** Connections are reset, and new ones too: both ends are told. */
        REFUSING,
        /** Nothing passes, and nobody is told: a connection stays, and what waits in it comes through later. */
        HOLDING
    }

    private final int port;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final LongAdder bytesToServer = new LongAdder();
    private final LongAdder bytesToClients = new LongAdder();
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private Line line = Line.OPEN;

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

    /** Ends every connection, and each that is tried, until {@link #open}. */
    public void refuse() {
        become(Line.REFUSING);
        resetAll();
    }

    /** Lets nothing through, without a word, until {@link #open}. */
    public void hold() {
        become(Line.HOLDING);
    }

    /** As it was. */
    public void open() {
        become(Line.OPEN);
    }

    private void become(Line to) {
        lock.lock();
        try {
            line = to;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits while nothing passes. */
    private void pass() throws IOException {
        lock.lock();
        try {
            while (line == Line.HOLDING) {
                changed.awaitUninterruptibly();
            }
            if (line == Line.REFUSING) {
                throw new IOException("refused");
            }
        } finally {
            lock.unlock();
        }
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
            pass();
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
                pass();
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
        refuse();
    }
}
