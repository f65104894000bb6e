package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.ClientInfo;
import io.registrycenter.proto.v1.Cursor;
import io.registrycenter.proto.v1.Endpoint;
import io.registrycenter.proto.v1.Instance;
import io.registrycenter.proto.v1.Interest;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegisterResponse;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionOpened;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchHello;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.proto.v1.WatchSubscribe;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A bare client over the generated stubs, for tests. */
final class Client {

    private static final int DEADLINE_SECONDS = 20;

    private final ManagedChannel channel;

    Client(ManagedChannel channel) {
        this.channel = channel;
    }

    RegistrationServiceGrpc.RegistrationServiceBlockingStub registration() {
        return RegistrationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    CatalogServiceGrpc.CatalogServiceBlockingStub catalog() {
        return CatalogServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** An attach stream on which nothing was said yet. */
    Conversation<AttachRequest, AttachResponse> attach() {
        Conversation<AttachRequest, AttachResponse> conversation = new Conversation<>();
        var unused = SessionServiceGrpc.newStub(channel).attach(conversation);
        return conversation;
    }

    /** A session that was opened, and its stream. */
    record Session(SessionOpened opened, Conversation<AttachRequest, AttachResponse> stream) {
        String id() {
            return opened.getSessionId();
        }
    }

    Session openSession() throws InterruptedException {
        Conversation<AttachRequest, AttachResponse> stream = attach();
        stream.say(AttachRequest.newBuilder()
                .setOpen(SessionOpen.newBuilder()
                        .setClient(ClientInfo.newBuilder().setName("test")))
                .build());
        return new Session(stream.next().getOpened(), stream);
    }

    /** A watch stream on which nothing was said yet. */
    Conversation<WatchRequest, WatchResponse> watch() {
        Conversation<WatchRequest, WatchResponse> conversation = new Conversation<>();
        var unused = WatchServiceGrpc.newStub(channel).watch(conversation);
        return conversation;
    }

    /** A watch stream with a subscription, of which nothing is ever read but the first answer. */
    Conversation<WatchRequest, WatchResponse> stalledWatch(Interest interest) {
        Conversation<WatchRequest, WatchResponse> conversation = new Conversation<>(false);
        var unused = WatchServiceGrpc.newStub(channel).watch(conversation);
        conversation.say(hello());
        conversation.say(subscribe(1, interest, null));
        return conversation;
    }

    /** A watch stream that has been welcomed. */
    Conversation<WatchRequest, WatchResponse> greetedWatch() throws InterruptedException {
        Conversation<WatchRequest, WatchResponse> stream = watch();
        stream.say(hello());
        stream.next(WatchResponse::hasWelcome);
        return stream;
    }

    static WatchRequest hello() {
        return WatchRequest.newBuilder()
                .setHello(WatchHello.newBuilder()
                        .setClient(ClientInfo.newBuilder().setName("test")))
                .build();
    }

    static WatchRequest subscribe(long id, Interest interest, @Nullable Cursor cursor) {
        WatchSubscribe.Builder subscribe =
                WatchSubscribe.newBuilder().setSubscriptionId(id).setInterest(interest);
        if (cursor != null) {
            subscribe.setCursor(cursor);
        }
        return WatchRequest.newBuilder().setSubscribe(subscribe).build();
    }

    static Interest service(String namespace, String service) {
        return Interest.newBuilder().setNamespace(namespace).setService(service).build();
    }

    static Instance instance(String id) {
        return Instance.newBuilder()
                .setId(id)
                .addEndpoints(Endpoint.newBuilder()
                        .setName("grpc")
                        .setHost("10.0.0.1")
                        .setPort(8443)
                        .setTls(true))
                .setZone("a")
                .putMetadata("version", "2")
                .build();
    }

    /** Registers, and waits until readers see it: an acknowledgement says durable, what a server shows follows a moment later. */
    RegisterResponse register(String namespace, String service, Instance instance, String session) {
        RegisterResponse registered = registration()
                .register(RegisterRequest.newBuilder()
                        .setNamespace(namespace)
                        .setService(service)
                        .setInstance(instance)
                        .setSessionId(session)
                        .build());
        var shown = catalog()
                .listInstances(ListInstancesRequest.newBuilder()
                        .setInterest(
                                Interest.newBuilder().setNamespace(namespace).setService("nothing"))
                        .setMinCursor(registered.getCursor())
                        .build());
        assertThat(shown.getCursor().getRevision())
                .isGreaterThanOrEqualTo(registered.getCursor().getRevision());
        return registered;
    }
}
