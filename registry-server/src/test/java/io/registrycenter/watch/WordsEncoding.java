package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Instance;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The seam's second implementation: bytes that only name the words they stand for, so that tests read words again. */
final class WordsEncoding implements Encoding {

    static final int BYTES_A_CHANGE = 40;
    static final int BYTES_AN_INSTANCE = 100;

    private final List<List<?>> words = new ArrayList<>();

    record Head(long after, long revision, boolean coalesced) {}

    @Override
    public synchronized byte[] changes(List<Change> changes) {
        return remember(changes, Math.max(4, changes.size() * BYTES_A_CHANGE));
    }

    @Override
    public byte[] deltaHead(long after, long revision, boolean coalesced, int changesBytes) {
        return ByteBuffer.allocate(17)
                .putLong(after)
                .putLong(revision)
                .put((byte) (coalesced ? 1 : 0))
                .array();
    }

    @Override
    public synchronized List<Part> instances(List<Instance> instances, int maxBytes) {
        int perPart = Math.max(1, maxBytes / BYTES_AN_INSTANCE);
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < instances.size() || parts.isEmpty(); from += perPart) {
            List<Instance> some = instances.subList(from, Math.min(instances.size(), from + perPart));
            parts.add(new Part(remember(some, Math.max(4, some.size() * BYTES_AN_INSTANCE)), some.size()));
        }
        return parts;
    }

    private byte[] remember(List<?> list, int size) {
        words.add(List.copyOf(list));
        return Arrays.copyOf(ByteBuffer.allocate(4).putInt(words.size() - 1).array(), size);
    }

    static Head head(EncodedDelta delta) {
        ByteBuffer bytes = ByteBuffer.wrap(delta.head());
        return new Head(bytes.getLong(), bytes.getLong(), bytes.get() == 1);
    }

    synchronized List<Change> changes(EncodedDelta delta) {
        return recall(delta.changes()).stream().map(Change.class::cast).toList();
    }

    synchronized List<Instance> instances(Part part) {
        return recall(part.bytes()).stream().map(Instance.class::cast).toList();
    }

    private List<?> recall(byte[] bytes) {
        return words.get(ByteBuffer.wrap(bytes).getInt());
    }
}
