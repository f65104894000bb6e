package io.registrycenter.store.transfer;

import io.registrycenter.store.RecordCodec;
import io.registrycenter.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lines of an export, each a JSON object that ends with a line feed:
 *
 * <pre>
 * {"export":"registry-center","version":1,"records":1,"epoch":"...","revision":57}           the first
 * {"key":"i/prod/orders/a","value":{"kind":"instance",...}}                                  records, by key, ascending
 * {"key":"s/...","value":{"kind":"session",...}}
 * {"end":"registry-center","sessions":1,"instances":1,"crc32c":"1a2b3c4d"}                   the last
 * </pre>
 *
 * {@code version} is that of these lines, {@code records} that of the values ({@link RecordCodec#FORMAT}); the checksum is over
 * every byte before the last line. Stateless; any thread.
 */
final class ExportFormat {

    static final int VERSION = 1;

    /** An instance is 16 KiB at most, and no more than a few times that as JSON. */
    static final int LINE_BYTES = 1 << 20;

    private static final String NAME = "registry-center";

    /**
     * Where the records come from.
     *
     * @param revision at which they stood
     */
    record Header(String epoch, long revision) {}

    /**
     * What there is to be.
     *
     * @param crc32c of all lines before this one
     */
    record Footer(long sessions, long instances, long crc32c) {}

    private ExportFormat() {}

    static byte[] line(Header header) {
        return bytes("{\"export\":\"" + NAME + "\",\"version\":" + VERSION + ",\"records\":" + RecordCodec.FORMAT
                + ",\"epoch\":\"" + header.epoch() + "\",\"revision\":" + header.revision() + "}");
    }

    static byte[] line(Footer footer) {
        return bytes("{\"end\":\"" + NAME + "\",\"sessions\":" + footer.sessions() + ",\"instances\":"
                + footer.instances() + ",\"crc32c\":\"" + String.format("%08x", footer.crc32c()) + "\"}");
    }

    static Header header(Path file, byte[] line) {
        JsonNode json = json(line);
        if (json == null || !NAME.equals(json.path("export").asString(""))) {
            throw refused(file, 1, "it is not an export of a registry");
        }
        int version = json.path("version").asInt(0);
        int records = json.path("records").asInt(0);
        if (version != VERSION || records != RecordCodec.FORMAT) {
            throw refused(
                    file,
                    1,
                    "it has version " + version + " with records of format " + records + ", this server reads version "
                            + VERSION + " with records of format " + RecordCodec.FORMAT);
        }
        return new Header(json.path("epoch").asString(""), json.path("revision").asLong(0));
    }

    /** Null when the line is a record, or anything else. */
    static @Nullable Footer footer(byte[] line) {
        if (line.length < 3 || line[1] != '"' || line[2] != 'e') {
            return null;
        }
        JsonNode json = json(line);
        if (json == null || !NAME.equals(json.path("end").asString(""))) {
            return null;
        }
        try {
            return new Footer(
                    json.path("sessions").asLong(-1),
                    json.path("instances").asLong(-1),
                    Long.parseLong(json.path("crc32c").asString(""), 16));
        } catch (NumberFormatException notHexadecimal) {
            return null;
        }
    }

    /** The file, the line and what is wrong there; never what the line says, which may be a secret. */
    static StoreException refused(Path file, long line, String reason) {
        return new StoreException(
                StoreException.Kind.CORRUPT,
                file + " cannot be imported: line " + line + ": " + reason + "; nothing was changed");
    }

    private static @Nullable JsonNode json(byte[] line) {
        try {
            return JsonMapper.shared().readTree(line);
        } catch (JacksonException notJson) {
            return null;
        }
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }
}
