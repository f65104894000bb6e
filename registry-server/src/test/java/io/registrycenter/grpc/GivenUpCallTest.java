package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.RegistrationServiceGrpc;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls whose caller gave up before the server came to read them: what is read together is known together. */
class GivenUpCallTest {

    private static final int CANCEL = 8;
    private static final int CALLS = 20;

    @TempDir
    static Path data;

    private static LiveServer server;
    private static Client client;

    @BeforeAll
    static void start() {
        server = LiveServer.start(data.resolve("data"));
        client = new Client(server.channel());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] call(int stream, String session, String id) {
        ByteArrayOutputStream call = new ByteArrayOutputStream();
        call.writeBytes(RawPeer.headers(
                stream, RegistrationServiceGrpc.getRegisterMethod().getFullMethodName()));
        byte[] request = RegisterRequest.newBuilder()
                .setNamespace("shop")
                .setService("given-up")
                .setInstance(Client.instance(id))
                .setSessionId(session)
                .build()
                .toByteArray();
        call.writeBytes(RawPeer.data(stream, RawPeer.message(request), true));
        return call.toByteArray();
    }

    @Test
    void aCallThatIsReadTogetherWithItsCancellation_isNotCommitted() throws Exception {
        String session = client.openSession().id();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes(RawPeer.PREFACE);
        said.writeBytes(RawPeer.frame(4, 0, 0, new byte[0]));
        for (int i = 0; i < CALLS; i++) {
            int stream = 2 * i + 1;
            said.writeBytes(call(stream, session, "gone-" + i));
            said.writeBytes(RawPeer.reset(stream, CANCEL));
        }
        said.writeBytes(call(2 * CALLS + 1, session, "stays"));
        Conversation<WatchRequest, WatchResponse> watch = client.greetedWatch();
        watch.say(Client.subscribe(1, Client.service("shop", "given-up"), null));
        watch.next(WatchResponse::hasSnapshot);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            // One write: the server reads it all at once, as it does after it stood still.
            peer.say(said.toByteArray());
            WatchResponse first = watch.next(answer -> answer.getDeltasCount() > 0);
            assertThat(first.getDeltas(0).getChanges(0).getPut().getId()).isEqualTo("stays");
        }
        watch.complete();
    }
}
