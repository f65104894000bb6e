package io.registrycenter.store.transfer;

import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.Rules;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.StoreException;
import io.registrycenter.store.transfer.Export.Summary;
import io.registrycenter.store.transfer.ExportFormat.Footer;
import io.registrycenter.store.transfer.ExportFormat.Header;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of {@link ExportFormat} once, record by record, and holds every line against the rules. Only what returns was
 * whole: records are given out before the last line is seen. Confined to one thread; blocks.
 */
final class ExportReader {

    private final Path file;
    private final InputStream in;
    private final CRC32C crc = new CRC32C();
    private long line;
    private long sessions;
    private long instances;
    private String lastPath = "";

    private ExportReader(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Reads all of it.
     *
     * @param receiver gets every record, its value never null
     * @throws StoreException {@code CORRUPT}, which names the line and the rule; {@code UNAVAILABLE}
     */
    static Summary read(Path file, Consumer<Mutation> receiver) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new ExportReader(file, in).run(receiver);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, file + " cannot be read (" + e + ")", e);
        }
    }

    private Summary run(Consumer<Mutation> receiver) throws IOException {
        byte[] first = next();
        Header header = ExportFormat.header(file, first == null ? new byte[0] : first);
        for (byte[] bytes = first; bytes != null; ) {
            crc.update(bytes);
            crc.update('\n');
            bytes = next();
            if (bytes == null) {
                break;
            }
            Footer footer = ExportFormat.footer(bytes);
            if (footer != null) {
                check(footer);
                return new Summary(header.epoch(), header.revision(), sessions, instances, 0);
            }
            receiver.accept(record(bytes));
        }
        throw refused("the file ends here, without its last line: it was cut short");
    }

    private void check(Footer footer) throws IOException {
        if (footer.sessions() != sessions || footer.instances() != instances || footer.crc32c() != crc.getValue()) {
            throw refused(String.format(
                    "it says %d sessions, %d instances and the checksum %08x, but before it are %d, %d and %08x: the file"
                            + " was changed or damaged",
                    footer.sessions(), footer.instances(), footer.crc32c(), sessions, instances, crc.getValue()));
        }
        if (in.read() >= 0) {
            throw refused("something follows the last line");
        }
    }

    private Mutation record(byte[] bytes) {
        Mutation mutation;
        try {
            mutation = RecordCodec.decodeMutation(bytes);
        } catch (IllegalArgumentException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
        String path = mutation.key().path();
        if (path.compareTo(lastPath) <= 0) {
            throw refused("its key must come after the key before it, each is there once");
        }
        lastPath = path;
        try {
            check(mutation);
        } catch (Refusal broken) {
            throw refused(String.valueOf(broken.getMessage()));
        }
        return mutation;
    }

    /** The rules that hold for what clients send hold here. */
    private void check(Mutation mutation) {
        RecordValue value = mutation.value();
        if (mutation.key() instanceof RecordKey.OfInstance key && value instanceof RecordValue.InstanceRecord record) {
            Rules.key(key.instance());
            Rules.instance(record.instance());
            Rules.sessionId("session_id", record.sessionId());
            Rules.requestId(record.requestId());
            if (!record.instance().id().equals(key.instance().id())
                    || !record.instance().service().equals(key.instance().service())) {
                throw refused("its key names another instance than its value");
            }
            instances++;
        } else if (mutation.key() instanceof RecordKey.OfSession key
                && value instanceof RecordValue.SessionRecord record) {
            Rules.sessionId("session_id", key.sessionId());
            Rules.client("client", record.client());
            if (record.fence() < 1 || record.ttlMs() < 1) {
                throw refused("fence and ttl_ms must be 1 or more, are " + record.fence() + " and " + record.ttlMs());
            }
            sessions++;
        } else {
            throw refused("an export has sessions with keys s/... and instances with keys i/..., nothing else");
        }
    }

    /** The next line without its line feed; null at the end of the file, where a line without one counts as cut off. */
    private byte @Nullable [] next() throws IOException {
        line++;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return bytes.toByteArray();
            }
            if (bytes.size() == ExportFormat.LINE_BYTES) {
                throw refused("it is longer than " + ExportFormat.LINE_BYTES + " bytes");
            }
            bytes.write(b);
        }
        return null;
    }

    private StoreException refused(String reason) {
        return ExportFormat.refused(file, line, reason);
    }
}
