package io.registrycenter.watch;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client of one interest that keeps a state and a cursor from stream to stream, and knows nothing of copies. Test's thread. */
final class PutBackClient {

    private final Interest interest;
    private final StepExecutor loop = new StepExecutor();
    private final WordsEncoding encoding;
    private final Map<String, Instance> state = new TreeMap<>();
    private final Map<String, Instance> parts = new TreeMap<>();
    private final Set<SnapshotReason> told = EnumSet.noneOf(SnapshotReason.class);
    private @Nullable Cursor cursor;

    /** Whether the last stream said anything that a cursor is made of. */
    private boolean moved;

    PutBackClient(Interest interest, WordsEncoding encoding) {
        this.interest = interest;
        this.encoding = encoding;
    }

    Interest interest() {
        return interest;
    }

    Map<String, Instance> state() {
        return state;
    }

    boolean moved() {
        return moved;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    /** A server's answer to a question about the interest is a place to begin a watch, too. */
    void begin(Cursor at, Map<String, Instance> complete) {
        cursor = at;
        state.clear();
        state.putAll(complete);
    }

    /** Opens a stream, reads some messages, and loses it. Returns the reasons of the snapshots it was given whole. */
    Set<SnapshotReason> resume(WatchServer server, int messages) {
        told.clear();
        moved = false;
        parts.clear();
        RecordingOutlet outlet = new RecordingOutlet(loop, messages);
        WatchStream stream = server.hub().open(outlet);
        stream.hello(ClientInfo.UNKNOWN, null, null);
        stream.subscribe(1, interest, cursor, true);
        loop.runAll();
        for (Frame frame = outlet.poll(); frame != null; frame = outlet.poll()) {
            Told.of(frame, encoding).forEach(this::receive);
        }
        stream.close(CloseCause.PEER_RESET);
        loop.runAll();
        return EnumSet.copyOf(told);
    }

    private void receive(Told frame) {
        switch (frame) {
            case Told.Part part -> part(part);
            case Told.Delta delta -> delta(delta);
            case Told.Heartbeat heartbeat -> {
                if (cursor != null && heartbeat.cursor().revision() >= cursor.revision()) {
                    cursor = heartbeat.cursor();
                    moved = true;
                }
            }
            case Told.Ended ended -> throw new AssertionError("ended: " + ended);
        }
    }

    private void part(Told.Part part) {
        part.instances().forEach(instance -> parts.put(key(instance.service(), instance.id()), instance));
        if (part.last()) {
            told.add(part.reason());
            begin(part.cursor(), parts);
            moved = true;
            parts.clear();
        }
    }

    private void delta(Told.Delta delta) {
        Cursor from = Objects.requireNonNull(cursor, "a delta needs a state to stand on");
        if (delta.after() > from.revision() || delta.revision() <= from.revision()) {
            throw new AssertionError("at " + from + " comes " + delta);
        }
        for (Change change : delta.changes()) {
            switch (change) {
                case Change.Put put ->
                    state.put(key(put.instance().service(), put.instance().id()), put.instance());
                case Change.Removal removal -> state.remove(key(removal.service(), removal.instanceId()));
            }
        }
        cursor = new Cursor(from.epoch(), delta.revision(), delta.mark());
        moved = true;
    }

    static String key(String service, String id) {
        return service + "/" + id;
    }
}
