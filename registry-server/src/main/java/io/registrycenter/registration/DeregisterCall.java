package io.registrycenter.registration;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.PastCall;
import io.registrycenter.store.PastCalls;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;

/** Takes an instance out. */
final class DeregisterCall extends HolderCall {

    DeregisterCall(Means means, DeregisterCommand command) {
        super(
                means,
                command.key(),
                command.sessionId(),
                command.requestId(),
                command.registration(),
                command.expired());
    }

    @Override
    boolean done(RecordValue current) {
        return current instanceof Tombstone grave && grave.reason() == RemovalReason.DEREGISTERED;
    }

    @Override
    boolean done(PastCall past) {
        return past.removed();
    }

    @Override
    RecordValue change(InstanceRecord held, StoredRecord current) {
        return new Tombstone(RemovalReason.DEREGISTERED, sessionId, requestId, PastCalls.after(current));
    }
}
