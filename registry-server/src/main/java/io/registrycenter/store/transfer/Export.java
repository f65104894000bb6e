package io.registrycenter.store.transfer;

import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.StoredRecord;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Writes the sessions and instances of a store, as they stood at one revision, to a file of {@link ExportFormat}. Tombstones stay
 * behind, since a new epoch tells watchers what is gone; so do the servers.
 *
 * <p>The file holds session ids, which are secrets: only its owner may read it. It appears under its name when it is whole.
 * Confined to one thread; blocks.
 */
public final class Export {

    private final CheckedOutputStream out;
    private long sessions;
    private long instances;
    private long servers;

    private Export(OutputStream out) {
        this.out = new CheckedOutputStream(out, new CRC32C());
    }

    /**
     * What a file holds.
     *
     * @param epoch of the history it is from
     * @param revision at which the records stood
     * @param servers that ran on the store while it was written; a file that is read tells 0
     */
    public record Summary(String epoch, long revision, long sessions, long instances, long servers) {}

    /**
     * Writes what the store holds at its head.
     *
     * @throws StoreException {@code OCCUPIED} when the file is there already, {@code UNAVAILABLE}
     */
    public static Summary write(Store store, Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            if (Files.exists(file)) {
                throw new StoreException(
                        StoreException.Kind.OCCUPIED, file + " is there already: name another file, or move that one");
            }
            Files.deleteIfExists(part);
            try {
                Summary summary = writePart(store, part);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
                return summary;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    file + " cannot be written (" + e + "): see to its directory and the disk",
                    e);
        }
    }

    private static Summary writePart(Store store, Path part) throws IOException {
        long revision = store.head();
        if (revision == 0) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "there is no history to export: see registry.store and what says where it is");
        }
        try (FileChannel channel = FileChannel.open(
                        part,
                        Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly());
                OutputStream buffered = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
            Export export = new Export(buffered);
            export.line(ExportFormat.line(new ExportFormat.Header(store.epoch(), revision)));
            store.scan(revision, export::record);
            export.line(ExportFormat.line(new ExportFormat.Footer(
                    export.sessions, export.instances, export.out.getChecksum().getValue())));
            buffered.flush();
            channel.force(true);
            return new Summary(store.epoch(), revision, export.sessions, export.instances, export.servers);
        }
    }

    private void record(StoredRecord stored) {
        switch (stored.value()) {
            case RecordValue.SessionRecord session -> sessions++;
            case RecordValue.InstanceRecord instance -> instances++;
            case RecordValue.Tombstone past -> {
                return;
            }
            case RecordValue.NodeRecord server -> {
                servers++;
                return;
            }
        }
        try {
            line(RecordCodec.encode(new Mutation(stored.key(), stored.value())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void line(byte[] bytes) throws IOException {
        out.write(bytes);
        out.write('\n');
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
