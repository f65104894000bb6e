package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.registrycenter.proto.v1.SessionServiceGrpc;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/**
 * Whatever a client says on a watch or attach stream, in frames that may follow or break every grammar there is: the server
 * stays, nothing of the stream stays, and nothing is thrown where nobody catches it.
 *
 * <p>Repeats the inputs it has among the test resources. It looks for new ones, one method at a time, with
 * {@code JAZZER_FUZZ=1} in the environment and {@code -Djazzer.hooks=true -Dtest=RequestFuzzTest#<method>}.
 */
class RequestFuzzTest {

    private static final int MOST_FRAMES = 32;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1");

    @AfterAll
    static void stop() {
        FuzzedServer.stop();
    }

    @FuzzTest(maxDuration = "2m")
    void watchStream_anyRequests_leavesNothing(FuzzedDataProvider data) throws IOException {
        talk(data, WatchServiceGrpc.getWatchMethod().getFullMethodName(), new WatchFrames(data)::next);
    }

    @FuzzTest(maxDuration = "2m")
    void attachStream_anyRequests_leavesNothing(FuzzedDataProvider data) throws IOException {
        talk(data, SessionServiceGrpc.getAttachMethod().getFullMethodName(), new AttachFrames(data)::next);
    }

    /** Makes a message that the service may know. */
    @FunctionalInterface
    private interface Messages {
        byte[] next();
    }

    private static void talk(FuzzedDataProvider data, String method, Messages messages) throws IOException {
        BugDetectors.allowNetworkConnections((host, port) -> LOOPBACK.contains(host));
        FuzzedServer server = FuzzedServer.running();
        try (RawPeer peer = new RawPeer(server.port())) {
            boolean resets = data.consumeBoolean();
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            said.writeBytes(RawPeer.PREFACE);
            said.writeBytes(RawPeer.frame(4, 0, 0, new byte[0]));
            said.writeBytes(RawPeer.headers(1, method));
            for (int i = 0; i < MOST_FRAMES && data.remainingBytes() > 0; i++) {
                said.writeBytes(frame(data, messages));
            }
            peer.say(said.toByteArray());
            if (resets) {
                peer.reset();
            } else {
                peer.finish();
                var unused = peer.untilClosed();
            }
        } catch (IOException closed) {
            // The server had enough of it before all was said.
        }
        assertThat(server.whatIsLeft()).isEmpty();
    }

    /** A kind of frame is as likely as it has cases. */
    private static byte[] frame(FuzzedDataProvider data, Messages messages) {
        return switch (data.consumeInt(0, 15)) {
            case 0 -> RawPeer.data(1, RawPeer.message(data.consumeBytes(64)), false);
            case 1 -> RawPeer.data(1, data.consumeBytes(64), data.consumeBoolean());
            case 2 -> RawPeer.reset(1, data.consumeInt(0, 14));
            case 3 -> RawPeer.data(1, new byte[0], true);
            case 4 ->
                RawPeer.frame(data.consumeByte(), data.consumeByte(), data.consumeInt(0, 3), data.consumeBytes(32));
            case 5 -> data.consumeBytes(32);
            default -> RawPeer.data(1, RawPeer.message(messages.next()), false);
        };
    }
}
