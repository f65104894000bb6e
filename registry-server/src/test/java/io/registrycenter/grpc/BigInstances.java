package io.registrycenter.grpc;

import io.registrycenter.proto.v1.Instance;

/** Instances of nearly 16 KiB. */
final class BigInstances {

    private static final int METADATA_VALUES = 14;

    private BigInstances() {}

    static Instance one(String id) {
        Instance.Builder instance = Client.instance(id).toBuilder();
        for (int i = 0; i < METADATA_VALUES; i++) {
            instance.putMetadata("key-" + i, "x".repeat(1_000));
        }
        return instance.build();
    }
}
