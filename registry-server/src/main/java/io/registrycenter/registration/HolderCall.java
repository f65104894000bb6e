package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.View;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A call that only the session which holds the instance may make. */
abstract class HolderCall extends GuardedCall<Cursor> {

    private final View view;

    HolderCall(Means means, InstanceKey key, String sessionId, String requestId, BooleanSupplier expired) {
        super(means, key, sessionId, requestId, expired);
        view = means.view();
    }

    /** Whether the record was written by an earlier try of this very call, judged by everything but the request id. */
    abstract boolean done(RecordValue current);

    /** What becomes of the instance; null: it is that already. */
    abstract @Nullable RecordValue change(InstanceRecord held, long revision);

    @Override
    final Verdict<Cursor> judge(@Nullable StoredRecord current, boolean sessionLives) {
        if (current != null && repeats(writerOf(current.value()), requestOf(current.value()))) {
            return done(current.value()) ? at(current.revision()) : otherPayload();
        }
        if (!sessionLives) {
            return new Verdict.Refuse<>(new Refusal.SessionUnknown());
        }
        if (current == null
                || !(current.value() instanceof InstanceRecord held)
                || !held.sessionId().equals(sessionId)) {
            return new Verdict.Refuse<>(new Refusal.NotHolder(key));
        }
        RecordValue change = change(held, current.revision());
        return change == null ? at(current.revision()) : new Verdict.Write<>(change);
    }

    @Override
    final Cursor answer(RecordValue written, long revision) {
        return view.cursor(revision);
    }

    private Verdict<Cursor> at(long revision) {
        return new Verdict.Answer<>(view.cursor(revision));
    }

    private static String writerOf(RecordValue value) {
        return switch (value) {
            case InstanceRecord held -> held.sessionId();
            case RecordValue.Tombstone grave -> grave.sessionId();
            case RecordValue.SessionRecord ignored -> "";
            case RecordValue.NodeRecord ignored -> "";
        };
    }

    private static String requestOf(RecordValue value) {
        return switch (value) {
            case InstanceRecord held -> held.requestId();
            case RecordValue.Tombstone grave -> grave.requestId();
            case RecordValue.SessionRecord ignored -> "";
            case RecordValue.NodeRecord ignored -> "";
        };
    }
}
