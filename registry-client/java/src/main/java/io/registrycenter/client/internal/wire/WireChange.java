package io.registrycenter.client.internal.wire;

import io.registrycenter.client.Instance;
import io.registrycenter.client.RemovalReason;

/** A change as the server tells it: it does not know what the client had before. */
public sealed interface WireChange {

    record Put(Instance instance) implements WireChange {}

    record Removal(String service, String instanceId, RemovalReason reason) implements WireChange {}
}
