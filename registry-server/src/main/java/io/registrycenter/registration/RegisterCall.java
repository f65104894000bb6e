package io.registrycenter.registration;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.Refusal;
import io.registrycenter.catalog.Rules;
import io.registrycenter.store.PastCall;
import io.registrycenter.store.PastCalls;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import io.registrycenter.view.View;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Puts an instance, changes it, or takes it over from another session. */
final class RegisterCall extends GuardedCall<Registered> {

    private static final Duration FULL_RETRY_AFTER = Duration.ofSeconds(5);

    private final View view;
    private final Instance wanted;

    RegisterCall(Means means, RegisterCommand command) {
        super(
                means,
                new InstanceKey(
                        command.namespace(),
                        command.instance().service(),
                        command.instance().id()),
                command.sessionId(),
                command.requestId(),
                command.expired());
        this.view = means.view();
        wanted = command.instance();
    }

    @Override
    Verdict<Registered> judge(@Nullable StoredRecord current, boolean sessionLives) {
        PastCall past = past(current);
        if (current != null && past != null) {
            return repeated(past, current);
        }
        if (current != null && current.value() instanceof Tombstone grave) {
            return repeats(grave.sessionId(), grave.requestId()) ? otherPayload() : judgeNew(current, sessionLives);
        }
        if (current == null || !(current.value() instanceof InstanceRecord held)) {
            return judgeNew(current, sessionLives);
        }
        boolean mine = held.sessionId().equals(sessionId);
        boolean same = mine && held.instance().sameAs(wanted);
        if (repeats(held.sessionId(), held.requestId())) {
            return same ? stored(held, current.revision()) : otherPayload();
        }
        if (!sessionLives) {
            return new Verdict.Refuse<>(new Refusal.SessionUnknown());
        }
        if (same) {
            return stored(held, current.revision());
        }
        return write(current, mine ? held.storedAt(current.revision()).createdRevision() : 0);
    }

    /** This very call took effect before, and others since: it must not undo them. */
    private Verdict<Registered> repeated(PastCall past, StoredRecord current) {
        if (!past.left(wanted)) {
            return otherPayload();
        }
        if (current.value() instanceof InstanceRecord held && held.sessionId().equals(sessionId)) {
            return new Verdict.Answer<>(
                    new Registered(view.cursor(past.revision()), held.storedAt(current.revision())));
        }
        return new Verdict.Refuse<>(new Refusal.NotHolder(key));
    }

    private Verdict<Registered> judgeNew(@Nullable StoredRecord current, boolean sessionLives) {
        if (!sessionLives) {
            return new Verdict.Refuse<>(new Refusal.SessionUnknown());
        }
        // As the view counts: calls in flight at the same moment may pass together, a handful above the limit.
        int count = view.instanceCount(key.namespace(), key.service());
        if (count >= Rules.INSTANCES_PER_SERVICE) {
            return new Verdict.Refuse<>(new Refusal.LimitExceeded(
                    "instances-per-service", Rules.INSTANCES_PER_SERVICE, count + 1L, FULL_RETRY_AFTER));
        }
        return write(current, 0);
    }

    private Verdict<Registered> write(@Nullable StoredRecord current, long createdRevision) {
        return new Verdict.Write<>(
                new InstanceRecord(wanted.at(createdRevision, 0), sessionId, requestId, PastCalls.after(current)));
    }

    private Verdict<Registered> stored(InstanceRecord held, long revision) {
        return new Verdict.Answer<>(answer(held, revision));
    }

    @Override
    Registered answer(RecordValue written, long revision) {
        return new Registered(view.cursor(revision), ((InstanceRecord) written).storedAt(revision));
    }
}
