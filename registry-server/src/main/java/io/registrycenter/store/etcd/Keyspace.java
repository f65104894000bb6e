package io.registrycenter.store.etcd;

import com.google.protobuf.ByteString;
import io.registrycenter.store.RecordKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where things are in etcd.
 *
 * <pre>
 * {prefix}i/...  s/...  n/...     records, by {@link RecordKey#path}; only n/ has a lease
 * {prefix}meta/epoch              identity of the history, written once
 * {prefix}meta/compacted          the floor, written before etcd is told to compact
 * {prefix}meta/absent             paths that a commit deleted although there may have been nothing: etcd tells of no such delete
 * {prefix}meta/intake             there while an import fills the history, and when one was broken off: no server starts
 * {prefix}tick                    rewritten every few seconds, so that revisions move where nothing else does
 * </pre>
 *
 * Immutable.
 */
final class Keyspace {

    private static final Logger LOG = LoggerFactory.getLogger(Keyspace.class);

    final ByteString prefix;
    /** The first key that is not ours. */
    final ByteString end;

    final ByteString epoch;
    final ByteString compacted;
    final ByteString absent;
    final ByteString intake;
    final ByteString tick;
    final ByteString nodes;
    final ByteString nodesEnd;
    final ByteString instances;
    final ByteString instancesEnd;
    final ByteString sessions;
    final ByteString sessionsEnd;

    private final String text;

    Keyspace(String prefix) {
        this.text = prefix;
        this.prefix = ByteString.copyFromUtf8(prefix);
        this.end = after(this.prefix);
        this.epoch = key("meta/epoch");
        this.compacted = key("meta/compacted");
        this.absent = key("meta/absent");
        this.intake = key("meta/intake");
        this.tick = key("tick");
        this.nodes = key("n/");
        this.nodesEnd = after(nodes);
        this.instances = key("i/");
        this.instancesEnd = after(instances);
        this.sessions = key("s/");
        this.sessionsEnd = after(sessions);
    }

    ByteString of(RecordKey key) {
        return key(key.path());
    }

    /**
     * The record that has this key; null when it is one of the engine's own, or somebody else's: a key that was put below our
     * prefix by hand must not end the history for every server.
     */
    @Nullable
    RecordKey record(ByteString key) {
        boolean ours = key.size() > prefix.size() + 1 && key.startsWith(prefix) && key.byteAt(prefix.size() + 1) == '/';
        if (!ours) {
            return null;
        }
        try {
            return RecordKey.parse(key.substring(prefix.size()).toStringUtf8());
        } catch (IllegalArgumentException foreign) {
            LOG.warn("etcd has a key that is no record of this registry, it is left alone: {}", foreign.getMessage());
            return null;
        }
    }

    private ByteString key(String path) {
        return ByteString.copyFromUtf8(text + path);
    }

    /** The first key behind all that begin with {@code start}, whose last byte is a slash. */
    private static ByteString after(ByteString start) {
        int last = start.size() - 1;
        return start.substring(0, last).concat(ByteString.copyFrom(new byte[] {(byte) (start.byteAt(last) + 1)}));
    }
}
