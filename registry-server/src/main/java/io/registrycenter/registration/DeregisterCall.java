package io.registrycenter.registration;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;

/** Takes an instance out. */
final class DeregisterCall extends HolderCall {

    DeregisterCall(Means means, DeregisterCommand command) {
        super(means, command.key(), command.sessionId(), command.requestId(), command.expired());
    }

    @Override
    boolean done(RecordValue current) {
        return current instanceof Tombstone grave && grave.reason() == RemovalReason.DEREGISTERED;
    }

    @Override
    RecordValue change(InstanceRecord held, long revision) {
        return new Tombstone(RemovalReason.DEREGISTERED, sessionId, requestId);
    }
}
