package io.registrycenter.e2e.history;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.registrycenter.e2e.history.Operation.Kind;
import io.registrycenter.e2e.history.Operation.Outcome;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.InstanceStatus;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A client that writes, one call after the other, each try to any of the servers, and records what it asked for and was told.
 *
 * <p>Calls about instances that only it writes are repeated with their request id until an answer is final, as the real client
 * does, and must take effect at most once. Of those it shares with others a repeat may meet what another wrote meanwhile, and
 * would be a call of its own: these are asked for once. Confined to its thread.
 */
final class Writer {

    private static final int TRIES = 4;
    private static final Duration DEADLINE = Duration.ofMillis(1500);
    private static final List<String> STATUSES = List.of("UP", "LEAVING", "DOWN");

    private final int number;
    private final List<ManagedChannel> servers;
    private final SessionLink link;
    private final List<String> services;
    private final int shared;
    private final Random random;
    private int calls;

    /** @param shared how many instances of each service everybody writes */
    Writer(int number, List<ManagedChannel> servers, SessionLink link, List<String> services, int shared) {
        this.number = number;
        this.servers = servers;
        this.link = link;
        this.services = services;
        this.shared = shared;
        this.random = new Random(number);
    }

    /** Makes one call; its record. */
    Operation write() {
        String service = services.get(random.nextInt(services.size()));
        boolean mine = random.nextBoolean();
        String id = mine ? "own-" + number : "shared-" + random.nextInt(shared);
        int dice = random.nextInt(10);
        Kind kind = dice < 5 ? Kind.REGISTER : dice < 8 ? Kind.UPDATE_STATUS : Kind.DEREGISTER;
        String status = kind == Kind.REGISTER ? "UP" : kind == Kind.UPDATE_STATUS ? STATUSES.get(dice - 5) : "";
        Call call = new Call(service, id, link.id().join(), number + "-" + calls++, kind, status);
        long invoked = System.nanoTime();
        Answer answer = call.make(server());
        for (int i = 1; mine && answer.outcome() == Outcome.UNKNOWN && i < TRIES; i++) {
            answer = call.make(server());
        }
        return new Operation(
                number,
                call.session(),
                call.kind(),
                call.service() + "/" + call.id(),
                call.request(),
                call.status(),
                invoked,
                System.nanoTime(),
                answer.outcome(),
                answer.revision(),
                answer.detail());
    }

    private Channel server() {
        return servers.get(random.nextInt(servers.size()));
    }

    private record Answer(Outcome outcome, long revision, String detail) {}

    private record Call(String service, String id, String session, String request, Kind kind, String status) {

        Answer make(Channel server) {
            var stub = RegistrationServiceGrpc.newBlockingStub(server)
                    .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            try {
                return new Answer(Outcome.OK, send(stub), "");
            } catch (StatusRuntimeException failure) {
                return new Answer(
                        outcome(failure.getStatus()), 0, failure.getStatus().toString());
            }
        }

        private static Outcome outcome(Status status) {
            return switch (status.getCode()) {
                case FAILED_PRECONDITION -> Outcome.NOT_HOLDER;
                case NOT_FOUND, INVALID_ARGUMENT, RESOURCE_EXHAUSTED -> Outcome.REFUSED;
                default -> Outcome.UNKNOWN;
            };
        }

        private long send(RegistrationServiceGrpc.RegistrationServiceBlockingStub stub) {
            return switch (kind) {
                case REGISTER ->
                    stub.register(RegisterRequest.newBuilder()
                                    .setNamespace("default")
                                    .setService(service)
                                    .setInstance(Instance.newBuilder().setId(id).putMetadata(Writers.TOKEN, request))
                                    .setSessionId(session)
                                    .setRequestId(request)
                                    .build())
                            .getCursor()
                            .getRevision();
                case UPDATE_STATUS ->
                    stub.updateStatus(UpdateStatusRequest.newBuilder()
                                    .setNamespace("default")
                                    .setService(service)
                                    .setInstanceId(id)
                                    .setSessionId(session)
                                    .setStatus(InstanceStatus.valueOf("INSTANCE_STATUS_" + status))
                                    .setRequestId(request)
                                    .build())
                            .getCursor()
                            .getRevision();
                case DEREGISTER ->
                    stub.deregister(DeregisterRequest.newBuilder()
                                    .setNamespace("default")
                                    .setService(service)
                                    .setInstanceId(id)
                                    .setSessionId(session)
                                    .setRequestId(request)
                                    .build())
                            .getCursor()
                            .getRevision();
            };
        }
    }
}
