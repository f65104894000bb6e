package io.registrycenter.memory;

import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import java.util.Map;

/**
 * An estimate of the heap that values take, by the sizes of their objects in a JVM with compressed references. Measured against
 * real heaps by {@code FootprintTest}. Text counts one byte a character: beyond Latin-1 it takes up to twice as much.
 */
public final class Footprint {

    /** A string and its array, without the characters; half a word of padding each, on average. */
    private static final int STRING = 48;

    private static final int INSTANCE = 64;
    private static final int ENDPOINT = 32;

    /** Two references for each entry in a table that is half empty. */
    private static final int MAP_ENTRY = 16;

    /** The table of a map, or the array of a list, and the object around it. */
    private static final int CONTAINER = 48;

    private Footprint() {}

    /** Bytes of an instance with all that it refers to. Walks over its metadata, at most 64 entries. */
    public static long of(Instance instance) {
        long bytes = INSTANCE + 2 * CONTAINER + text(instance.service()) + text(instance.id()) + text(instance.zone());
        for (Endpoint endpoint : instance.endpoints()) {
            bytes += ENDPOINT + text(endpoint.name()) + text(endpoint.host());
        }
        for (Map.Entry<String, String> entry : instance.metadata().entrySet()) {
            bytes += MAP_ENTRY + text(entry.getKey()) + text(entry.getValue());
        }
        return bytes;
    }

    private static long text(String text) {
        return (long) STRING + text.length();
    }
}
