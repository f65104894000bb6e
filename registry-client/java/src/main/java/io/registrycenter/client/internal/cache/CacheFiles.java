package io.registrycenter.client.internal.cache;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A directory with one file for each namespace. A file is replaced whole: written beside, forced to the disk, renamed. Any
 * thread; blocks for as long as the disk takes.
 *
 * <p>One client uses a directory at a time; of two, the last one to write wins, and neither ever sees half a file.
 */
final class CacheFiles {

    private static final String SUFFIX = ".views";
    private static final String UNFINISHED = ".unfinished";

    private final Path directory;

    CacheFiles(Path directory) {
        this.directory = directory;
    }

    Path file(String namespace) {
        return directory.resolve(URLEncoder.encode(namespace, StandardCharsets.UTF_8) + SUFFIX);
    }

    /** What was written last; nothing when there is no file. */
    List<CachedView> read(String namespace) throws IOException {
        Path file = file(namespace);
        try {
            if (Files.size(file) > CacheFormat.MAX_BYTES) {
                throw new CacheFormat.Unreadable("it is bigger than " + CacheFormat.MAX_BYTES + " bytes");
            }
            return CacheFormat.decode(namespace, Files.readAllBytes(file));
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /** Replaces what is there by as many of the views as fit, the first ones first. */
    void write(String namespace, List<CachedView> views) throws IOException {
        byte[] bytes = CacheFormat.encode(namespace, views);
        Path file = file(namespace);
        Files.createDirectories(directory);
        dropUnfinished(file);
        Path unfinished = Files.createTempFile(directory, name(file) + ".", UNFINISHED);
        try {
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /** What a process that was killed while writing has left. */
    private void dropUnfinished(Path file) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(
                directory,
                entry -> name(entry).startsWith(name(file) + ".") && name(entry).endsWith(UNFINISHED))) {
            for (Path unfinished : left) {
                Files.deleteIfExists(unfinished);
            }
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
