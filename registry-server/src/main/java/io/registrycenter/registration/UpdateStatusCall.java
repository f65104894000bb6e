package io.registrycenter.registration;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.store.PastCall;
import io.registrycenter.store.PastCalls;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.StoredRecord;
import org.jspecify.annotations.Nullable;

/** Changes an instance's status and nothing else. */
final class UpdateStatusCall extends HolderCall {

    private final InstanceStatus status;

    UpdateStatusCall(Means means, UpdateStatusCommand command) {
        super(
                means,
                command.key(),
                command.sessionId(),
                command.requestId(),
                command.registration(),
                command.expired());
        status = command.status();
    }

    @Override
    boolean done(RecordValue current) {
        return current instanceof InstanceRecord held && held.instance().status() == status;
    }

    @Override
    boolean done(PastCall past) {
        return past.left(status);
    }

    @Override
    @Nullable
    RecordValue change(InstanceRecord held, StoredRecord current) {
        if (held.instance().status() == status) {
            return null;
        }
        Instance stored = held.storedAt(current.revision());
        return new InstanceRecord(
                stored.with(status).at(stored.createdRevision(), 0), sessionId, requestId, PastCalls.after(current));
    }
}
