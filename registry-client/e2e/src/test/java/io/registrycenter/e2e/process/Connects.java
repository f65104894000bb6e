package io.registrycenter.e2e.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for programs that do not say when they listen. */
public final class Connects {

    private static final long AGAIN_MS = 50;

    private Connects() {}

    /** Until something listens on the port of the loopback address; fails after the time. */
    public static void await(int port, Duration within, Program program) {
        long deadline = System.nanoTime() + within.toNanos();
        while (!listens(port)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("nothing listens on port " + port + ": " + program.errors());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MS));
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
