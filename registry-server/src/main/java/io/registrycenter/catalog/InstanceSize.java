package io.registrycenter.catalog;

import java.util.Map;

/** How big an instance is, without encoding it. Stateless; any thread. */
public final class InstanceSize {

    /** Tags, lengths, weight, status and two revisions of ten bytes, rounded up. */
    private static final int FIXED_BYTES = 48;

    /** Tags, lengths, port and TLS of one endpoint, rounded up. */
    private static final int ENDPOINT_BYTES = 16;

    /** Tags and lengths of one metadata entry, rounded up. */
    private static final int ENTRY_BYTES = 12;

    private InstanceSize() {}

    /** Bytes the instance takes on the wire at most: its texts in UTF-8, and a fixed share for everything around them. */
    public static int bytes(Instance instance) {
        int bytes = FIXED_BYTES + utf8(instance.service()) + utf8(instance.id()) + utf8(instance.zone());
        for (Endpoint endpoint : instance.endpoints()) {
            bytes += ENDPOINT_BYTES + utf8(endpoint.name()) + utf8(endpoint.host());
        }
        for (Map.Entry<String, String> entry : instance.metadata().entrySet()) {
            bytes += ENTRY_BYTES + utf8(entry.getKey()) + utf8(entry.getValue());
        }
        return bytes;
    }

    /** Length in UTF-8; a lone surrogate counts as the three bytes it is replaced by at most. */
    static int utf8(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes++;
                // Each half of a pair counts two of the pair's four bytes.
                if (c >= 0x800 && !pairHalf(text, i)) {
                    bytes++;
                }
            }
        }
        return bytes;
    }

    private static boolean pairHalf(String text, int i) {
        char c = text.charAt(i);
        return (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                || (Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
