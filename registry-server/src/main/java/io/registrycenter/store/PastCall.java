package io.registrycenter.store;

import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.store.RecordValue.InstanceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;

/**
 * A call that changed an instance, as its later records remember it. Immutable.
 *
 * @param name 64 bits of a digest of session and request id, so that neither is kept
 * @param effect 30 bits of a digest of the instance that the call left, then two for its status; {@link #REMOVAL} when it left none
 * @param revision where it took effect
 */
public record PastCall(long name, int effect, long revision) {

    public static final int REMOVAL = 0;

    private static final int STATUS_BITS = 2;
    private static final int STATUS_MASK = (1 << STATUS_BITS) - 1;

    /** Parts the texts of a digest: no text holds it unescaped. */
    private static final char END = '\u0000';

    private static final int HEX = 16;

    static long nameOf(String sessionId, String requestId) {
        return digest(sessionId + END + requestId).getLong();
    }

    static int effectOf(InstanceRecord record) {
        return effectOf(record.instance());
    }

    private static int effectOf(Instance instance) {
        StringBuilder text = new StringBuilder();
        part(text, instance.zone()).append(instance.weight()).append(END);
        for (Endpoint endpoint : instance.endpoints()) {
            part(text, endpoint.name());
            part(text, endpoint.host())
                    .append(endpoint.port())
                    .append(endpoint.tls())
                    .append(END);
        }
        for (Map.Entry<String, String> entry : new TreeMap<>(instance.metadata()).entrySet()) {
            part(text, entry.getKey());
            part(text, entry.getValue());
        }
        return (digest(text.toString()).getInt() << STATUS_BITS) | statusBits(instance.status());
    }

    /** Whether the call left this instance, its revisions aside. */
    public boolean left(Instance instance) {
        return effect == effectOf(instance);
    }

    /** Whether the call left the instance with this status. */
    public boolean left(InstanceStatus status) {
        return (effect & STATUS_MASK) == statusBits(status);
    }

    /** Whether the call removed the instance. */
    public boolean removed() {
        return effect == REMOVAL;
    }

    String text() {
        return Long.toHexString(name) + "." + Integer.toHexString(effect) + "." + Long.toHexString(revision);
    }

    /** @throws IllegalArgumentException when it is not the {@link #text} of one */
    static PastCall parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a past call of " + parts.length + " parts");
        }
        return new PastCall(
                Long.parseUnsignedLong(parts[0], HEX),
                Integer.parseUnsignedInt(parts[1], HEX),
                Long.parseUnsignedLong(parts[2], HEX));
    }

    private static int statusBits(InstanceStatus status) {
        return switch (status) {
            case UP -> 1;
            case LEAVING -> 2;
            case DOWN -> 3;
        };
    }

    /** The length first, so that no two lists of texts look the same. */
    private static StringBuilder part(StringBuilder text, String part) {
        return text.append(part.length()).append(END).append(part);
    }

    private static ByteBuffer digest(String text) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
