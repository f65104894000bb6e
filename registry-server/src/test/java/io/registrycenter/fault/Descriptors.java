package io.registrycenter.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Sockets this process has open: of the server, the relay and the clients together. Linux. */
record Descriptors(long sockets) {

    static Descriptors now() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return new Descriptors(files.filter(Descriptors::isSocket).count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAtMost(Descriptors baseline) {
        return sockets <= baseline.sockets;
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
