package io.registrycenter.registration;

import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.Store;
import io.registrycenter.view.View;

/** Takes an instance out. */
final class DeregisterCall extends HolderCall {

    DeregisterCall(Store store, View view, DeregisterCommand command) {
        super(store, view, command.key(), command.sessionId(), command.requestId(), command.expired());
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
