package io.registrycenter.grpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.DeregisterResponse;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.UpdateStatusResponse;
import io.registrycenter.registration.Registrations;

/** {@code RegistrationService}. A call whose deadline has passed, or whose caller is gone, before it is written is not. */
public final class RegistrationCalls implements RegistrationServiceGrpc.AsyncService, BindableService {

    private final Registrations registrations;
    private final GrpcTransport transport;

    public RegistrationCalls(Registrations registrations, GrpcTransport transport) {
        this.registrations = registrations;
        this.transport = transport;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return UnaryCalls.bound(RegistrationServiceGrpc.bindService(this));
    }

    @Override
    public void register(RegisterRequest request, StreamObserver<RegisterResponse> observer) {
        UnaryCalls.answerLast(
                transport.loop(),
                observer,
                () -> registrations.register(WireWords.register(request, UnaryCalls.expired())),
                registered -> RegisterResponse.newBuilder()
                        .setCursor(WordsWire.cursor(registered.cursor()))
                        .setInstance(WordsWire.instance(registered.instance()))
                        .build());
    }

    @Override
    public void deregister(DeregisterRequest request, StreamObserver<DeregisterResponse> observer) {
        UnaryCalls.answerLast(
                transport.loop(),
                observer,
                () -> registrations.deregister(WireWords.deregister(request, UnaryCalls.expired())),
                cursor -> DeregisterResponse.newBuilder()
                        .setCursor(WordsWire.cursor(cursor))
                        .build());
    }

    @Override
    public void updateStatus(UpdateStatusRequest request, StreamObserver<UpdateStatusResponse> observer) {
        UnaryCalls.answerLast(
                transport.loop(),
                observer,
                () -> registrations.updateStatus(WireWords.updateStatus(request, UnaryCalls.expired())),
                cursor -> UpdateStatusResponse.newBuilder()
                        .setCursor(WordsWire.cursor(cursor))
                        .build());
    }
}
