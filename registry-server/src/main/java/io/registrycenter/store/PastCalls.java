package io.registrycenter.store;

import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that changed an instance before the one that its record names, the oldest first; at most {@value #MOST}, whichever
 * sessions made them. A copy of one that arrives late is recognized, on any server, and changes nothing. Immutable.
 */
public record PastCalls(List<PastCall> calls) {

    /** More are forgotten, the oldest first. */
    public static final int MOST = 16;

    public static final PastCalls NONE = new PastCalls(List.of());

    public PastCalls {
        calls = List.copyOf(calls);
    }

    /** What the record that replaces this one remembers: also the call that wrote this one, if it had a request id. */
    public static PastCalls after(@Nullable StoredRecord replaced) {
        if (replaced == null) {
            return NONE;
        }
        return switch (replaced.value()) {
            case InstanceRecord record ->
                record.past().and(record.sessionId(), record.requestId(), PastCall.effectOf(record), replaced);
            case Tombstone record ->
                record.past().and(record.sessionId(), record.requestId(), PastCall.REMOVAL, replaced);
            default -> NONE;
        };
    }

    private PastCalls and(String sessionId, String requestId, int effect, StoredRecord replaced) {
        if (requestId.isEmpty()) {
            return this;
        }
        List<PastCall> all = new ArrayList<>(calls);
        all.add(new PastCall(PastCall.nameOf(sessionId, requestId), effect, replaced.revision()));
        return new PastCalls(all.subList(Math.max(0, all.size() - MOST), all.size()));
    }

    /** The call of that session and request id; null when it is not among these. */
    public @Nullable PastCall find(String sessionId, String requestId) {
        if (calls.isEmpty() || requestId.isEmpty()) {
            return null;
        }
        long name = PastCall.nameOf(sessionId, requestId);
        for (PastCall call : calls) {
            if (call.name() == name) {
                return call;
            }
        }
        return null;
    }
}
