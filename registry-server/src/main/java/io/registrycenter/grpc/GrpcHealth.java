package io.registrycenter.grpc;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What {@code grpc.health.v1} says: of the whole server (the empty name) and of each service by its name. A server that leaves
 * is NOT_SERVING under every name, so that balancers route elsewhere, though it serves unary calls to the end.
 *
 * <p>Any thread.
 */
public final class GrpcHealth {

    private static final List<String> NAMES = List.of(
            HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
            CatalogServiceGrpc.SERVICE_NAME,
            RegistrationServiceGrpc.SERVICE_NAME,
            SessionServiceGrpc.SERVICE_NAME,
            WatchServiceGrpc.SERVICE_NAME);

    private final HealthStatusManager manager;
    private final BooleanSupplier serving;

    public GrpcHealth(HealthStatusManager manager, BooleanSupplier serving) {
        this.manager = manager;
        this.serving = serving;
        look();
    }

    /** Looks again; who watches the health is told when it has changed. Called on every change, or a few times a second. */
    public void look() {
        ServingStatus status = serving.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        NAMES.forEach(name -> manager.setStatus(name, status));
    }
}
