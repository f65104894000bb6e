package io.registrycenter.view;

import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What one instance adds to the marks of {@link Marks}: the first 8 bytes of the SHA-256 of everything a watcher is told of it, with
 * its revisions.
 *
 * <p>Servers of different versions share one store, and a cursor goes from one to the other: what goes into the checksum, and in
 * which form, never changes. A field that is added to an instance is left out here.
 *
 * <p>Confined to one thread.
 */
final class InstanceSum {

    private static final int USUAL_BYTES = 1 << 10;

    private final MessageDigest digest;

    /** What is digested, gathered: one call costs less than forty. */
    private ByteBuffer bytes = ByteBuffer.allocate(USUAL_BYTES);

    InstanceSum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    long of(InstanceKey key, Instance instance) {
        bytes.clear();
        add(key.namespace());
        add(key.service());
        add(key.id());
        add(instance.createdRevision());
        add(instance.modifiedRevision());
        add(instance.endpoints().size());
        for (Endpoint endpoint : instance.endpoints()) {
            add(endpoint.name());
            add(endpoint.host());
            add(endpoint.port());
            add(endpoint.tls() ? 1 : 0);
        }
        add(instance.zone());
        add(instance.weight());
        add(instance.status().name());
        add(instance.metadata().size());
        String[] names = instance.metadata().keySet().toArray(String[]::new);
        Arrays.sort(names);
        for (String name : names) {
            add(name);
            add(instance.metadata().getOrDefault(name, ""));
        }
        digest.update(bytes.array(), 0, bytes.position());
        long sum = ByteBuffer.wrap(digest.digest()).getLong();
        if (bytes.capacity() > USUAL_BYTES) {
            bytes = ByteBuffer.allocate(USUAL_BYTES);
        }
        return sum;
    }

    private void add(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        add(encoded.length);
        room(encoded.length).put(encoded);
    }

    private void add(long value) {
        room(Long.BYTES).putLong(value);
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + more));
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }
}
