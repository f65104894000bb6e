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

    private static final int HEAD_BYTES = 29;

    @Override
    public synchronized byte[] changes(List<Change> changes) {
        return remember(changes, Math.max(4, changes.size() * BYTES_A_CHANGE));
    }

    @Override
    public byte[] deltaHead(long after, long revision, long mark, boolean coalesced, int changesBytes) {
        return ByteBuffer.allocate(HEAD_BYTES)
                .putLong(after)
                .putLong(revision)
                .putLong(mark)
                .put((byte) (coalesced ? 1 : 0))
                .putInt(changesBytes)
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

    /** The deltas of a message, read from its bytes as a client would. */
    synchronized List<Told.Delta> deltas(Frame.Deltas frame) {
        ByteBuffer bytes = ByteBuffer.allocate(
                frame.encoded().stream().mapToInt(Slice::length).sum());
        frame.encoded().forEach(slice -> bytes.put(slice.bytes(), slice.offset(), slice.length()));
        bytes.flip();
        List<Told.Delta> deltas = new ArrayList<>();
        while (bytes.hasRemaining()) {
            long after = bytes.getLong();
            long revision = bytes.getLong();
            long mark = bytes.getLong();
            boolean coalesced = bytes.get() == 1;
            byte[] changes = new byte[bytes.getInt()];
            bytes.get(changes);
            deltas.add(new Told.Delta(
                    frame.subscriptionId(),
                    after,
                    revision,
                    mark,
                    coalesced,
                    recall(changes).stream().map(Change.class::cast).toList()));
        }
        if (deltas.size() != frame.commits()) {
            throw new IllegalStateException(deltas.size() + " deltas where " + frame.commits() + " were announced");
        }
        return deltas;
    }

    synchronized List<Instance> instances(Part part) {
        return recall(part.bytes()).stream().map(Instance.class::cast).toList();
    }

    private List<?> recall(byte[] bytes) {
        return words.get(ByteBuffer.wrap(bytes).getInt());
    }
}
