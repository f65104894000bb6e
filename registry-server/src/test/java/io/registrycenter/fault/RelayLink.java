package io.registrycenter.fault;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a {@link TcpRelay}, two sockets.
 *
 * <pre>
 * each way: FORWARD --> STOPPED | BLACKHOLE | THROTTLED    whole: OPEN --reset, finish, an end or fault of a side--> CLOSED
 * </pre>
 *
 * For any thread.
 */
public final class RelayLink {

    /** Which way bytes go. */
    public enum Way {
        TO_SERVER,
        TO_CLIENT
    }

    private enum Mode {
        FORWARD,
        /** Nothing is read; the socket stays, its buffers fill. */
        STOPPED,
        /** Everything is read and thrown away. */
        BLACKHOLE,
        /** {@link #THROTTLED_BYTES_A_SECOND} get through. */
        THROTTLED
    }

    /** A cut to come; {@code left} is 1 or more. */
    private record Cut(long left, Runnable how) {}

    private static final int BUFFER_BYTES = 8 * 1024;
    private static final int THROTTLED_BYTES_A_SECOND = 1024;
    private static final int THROTTLED_PIECE_BYTES = 64;

    private final Socket client;
    private final Socket server;
    private final Consumer<RelayLink> gone;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();

    @GuardedBy("lock")
    private final Map<Way, Mode> modes =
            new EnumMap<>(Map.of(Way.TO_SERVER, Mode.FORWARD, Way.TO_CLIENT, Mode.FORWARD));

    /** Bytes until the link is cut, each way; absent: never. */
    @GuardedBy("lock")
    private final Map<Way, Cut> cuts = new EnumMap<>(Way.class);

    @GuardedBy("lock")
    private int sidesEnded;

    @GuardedBy("lock")
    private boolean closed;

    RelayLink(Socket client, Socket server, Consumer<RelayLink> gone) {
        this.client = client;
        this.server = server;
        this.gone = gone;
    }

    void start() {
        Thread.ofPlatform().daemon().name("relay-up").start(() -> pump(Way.TO_SERVER, client, server));
        Thread.ofPlatform().daemon().name("relay-down").start(() -> pump(Way.TO_CLIENT, server, client));
    }

    /** Both ends see a reset (RST). */
    public void reset() {
        close();
    }

    /** Both ends see an end without a goodbye (FIN), and may say what they like until they close too. */
    public void finish() {
        move(Way.TO_SERVER, Mode.BLACKHOLE);
        move(Way.TO_CLIENT, Mode.BLACKHOLE);
        finish(client);
        finish(server);
    }

    /** Neither side is read any more; both sockets stay open. */
    public void stopReading() {
        move(Way.TO_SERVER, Mode.STOPPED);
        move(Way.TO_CLIENT, Mode.STOPPED);
    }

    /** Bytes vanish one way; the other way they pass. */
    public void blackhole(Way way) {
        move(way, Mode.BLACKHOLE);
    }

    /** 1 KiB a second gets through one way. */
    public void throttle(Way way) {
        move(way, Mode.THROTTLED);
    }

    /** After so many more bytes to the client, wherever in a frame that is, both ends see a reset. */
    public void resetAfter(long bytesToClient) {
        cutAfter(Way.TO_CLIENT, bytesToClient, this::reset);
    }

    /** After so many more bytes one way, wherever in a frame that is, both ends see a reset. */
    public void resetAfter(Way way, long bytes) {
        cutAfter(way, bytes, this::reset);
    }

    /** After so many more bytes one way, wherever in a frame that is, both ends see an end without a goodbye. */
    public void finishAfter(Way way, long bytes) {
        cutAfter(way, bytes, this::finish);
    }

    private void cutAfter(Way way, long bytes, Runnable how) {
        lock.lock();
        try {
            cuts.put(way, new Cut(bytes, how));
        } finally {
            lock.unlock();
        }
    }

    private void move(Way way, Mode mode) {
        lock.lock();
        try {
            modes.put(way, mode);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pump(Way way, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (awaitReading(way)) {
                int read = from.getInputStream().read(buffer);
                if (read < 0) {
                    finish();
                    ended();
                    return;
                }
                pass(way, Arrays.copyOf(buffer, read), to);
            }
        } catch (IOException broken) {
            // Whatever one side does to the connection happens to the other.
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitReading(Way way) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && modes.get(way) == Mode.STOPPED) {
                moved.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pass(Way way, byte[] bytes, Socket to) throws IOException, InterruptedException {
        int done = 0;
        while (done < bytes.length) {
            int piece = pieceThatMayPass(way, bytes.length - done);
            if (piece < 0) {
                return;
            }
            to.getOutputStream().write(bytes, done, piece);
            done += piece;
            Runnable due = dueAfter(way, piece);
            if (due != null) {
                due.run();
                return;
            }
        }
    }

    /** Waits while nothing may pass; below 0 when nothing ever will. */
    private int pieceThatMayPass(Way way, int wanted) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                switch (modes.getOrDefault(way, Mode.FORWARD)) {
                    case FORWARD -> {
                        Cut cut = cuts.get(way);
                        return cut == null ? wanted : (int) Math.min(wanted, cut.left());
                    }
                    case STOPPED -> moved.await();
                    case BLACKHOLE -> {
                        return -1;
                    }
                    case THROTTLED -> {
                        long nanos = TimeUnit.SECONDS.toNanos(THROTTLED_PIECE_BYTES) / THROTTLED_BYTES_A_SECOND;
                        while (!closed && nanos > 0) {
                            nanos = moved.awaitNanos(nanos);
                        }
                        return closed ? -1 : Math.min(wanted, THROTTLED_PIECE_BYTES);
                    }
                }
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Runnable dueAfter(Way way, int passed) {
        lock.lock();
        try {
            Cut cut = cuts.remove(way);
            if (cut == null || passed >= cut.left()) {
                return cut == null ? null : cut.how();
            }
            cuts.put(way, new Cut(cut.left() - passed, cut.how()));
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** One side has closed; when both have, nothing is lost by closing too. */
    private void ended() {
        lock.lock();
        try {
            sidesEnded++;
            if (sidesEnded < 2) {
                return;
            }
        } finally {
            lock.unlock();
        }
        close();
    }

    private void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        reset(client);
        reset(server);
        gone.accept(this);
    }

    private static void finish(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException gone) {
            // It is closed already, which says the same.
        }
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
