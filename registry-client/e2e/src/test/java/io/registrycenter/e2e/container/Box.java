package io.registrycenter.e2e.container;

import io.registrycenter.e2e.process.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that servers or clients need, on a port of the loopback address: in a container or as a plain process. Not
 * thread-safe.
 */
abstract class Box implements AutoCloseable {

    private static final long AGAIN_MS = 50;

    private final Recipe recipe;

    Box(Recipe recipe) {
        this.recipe = recipe;
    }

    Recipe recipe() {
        return recipe;
    }

    /** With the data it had; returns when it listens. */
    final void start() {
        run();
        long deadline = System.nanoTime() + Programs.START.toNanos();
        while (!listens()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(recipe.program() + " does not listen: " + errors());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MS));
        }
    }

    abstract void run();

    /** SIGKILL; returns when it is gone. */
    abstract void kill();

    /** What it wrote, for the message of a failure. */
    abstract String errors();

    @Override
    public abstract void close();

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), recipe.port()));
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
