package io.registrycenter.registration;

import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.store.PastCall;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.View;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A call that only the session which holds the instance may make. */
abstract class HolderCall extends GuardedCall<Cursor> {

    private final View view;
    private final @Nullable Cursor registration;

    /** @param registration the only one that is meant; null: whichever the session holds */
    HolderCall(
            Means means,
            InstanceKey key,
            String sessionId,
            String requestId,
            @Nullable Cursor registration,
            BooleanSupplier expired) {
        super(means, key, sessionId, requestId, expired);
        view = means.view();
        this.registration = registration;
    }

    /** Whether the record was written by an earlier try of this very call, judged by everything but the request id. */
    abstract boolean done(RecordValue current);

    /** Whether this is what the earlier try did that the record remembers. */
    abstract boolean done(PastCall past);

    /**
     * What becomes of the instance; null: it is that already.
     *
     * @param current the record of {@code held}
     */
    abstract @Nullable RecordValue change(InstanceRecord held, StoredRecord current);

    @Override
    final Verdict<Cursor> judge(@Nullable StoredRecord current, boolean sessionLives) {
        if (current != null && repeats(writerOf(current.value()), requestOf(current.value()))) {
            return done(current.value()) ? at(current.revision()) : otherPayload();
        }
        PastCall past = past(current);
        if (past != null) {
            return done(past) ? at(past.revision()) : otherPayload();
        }
        if (!sessionLives) {
            return new Verdict.Refuse<>(new Refusal.SessionUnknown());
        }
        if (current == null
                || !(current.value() instanceof InstanceRecord held)
                || !held.sessionId().equals(sessionId)
                || !isMeant(held.storedAt(current.revision()))) {
            return new Verdict.Refuse<>(new Refusal.NotHolder(key));
        }
        RecordValue change = change(held, current);
        return change == null ? at(current.revision()) : new Verdict.Write<>(change);
    }

    @Override
    final Cursor answer(RecordValue written, long revision) {
        return view.cursor(revision);
    }

    /** Revisions of another history say nothing in this one. */
    private boolean isMeant(Instance held) {
        return registration == null
                || !registration.epoch().equals(view.epoch())
                || registration.revision() == held.createdRevision();
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
