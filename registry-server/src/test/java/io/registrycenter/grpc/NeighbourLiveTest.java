package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.watch.Hub;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two streams of a client that gives a connection's window back only as its streams are read, as HTTP/2 libraries of several
 * languages do: of one that is not read the neighbour has nothing left.
 */
class NeighbourLiveTest {

    private static final int UNREAD = 1;
    private static final int NEIGHBOUR = 3;

    /** More than the window of a connection, in instances of nearly 16 KiB. */
    private static final int INSTANCES = 6;

    @TempDir
    Path data;

    @Test
    void streamThatIsNotRead_endsAlone_andGivesItsNeighbourTheWindowBack() throws Exception {
        try (LiveServer server = LiveServer.start(
                        data.resolve("data"),
                        "--registry.watch.heartbeat-timeout=60s",
                        "--registry.watch.client-read-timeout=90s",
                        "--registry.watch.stall-timeout=2s",
                        "--registry.watch.reset-after=2s");
                RawPeer peer = new RawPeer(server.grpcPort())) {
            Client writer = new Client(server.channel());
            Client.Session session = writer.openSession();
            peer.greet();
            watch(peer, UNREAD, "big");
            watch(peer, NEIGHBOUR, "small");
            awaitBytes(peer, UNREAD);
            awaitBytes(peer, NEIGHBOUR);
            for (int i = 0; i < INSTANCES; i++) {
                writer.register("shop", "big", BigInstances.one("i" + i), session.id());
            }
            Hub hub = server.bean(Hub.class);
            int held = 0;
            boolean marked = false;
            while (!marked) {
                RawPeer.Frame frame = Objects.requireNonNull(peer.next(), "the connection goes on");
                boolean data = frame.type() == RawPeer.DATA;
                if (data && frame.stream() == UNREAD) {
                    held += frame.payload().length;
                    if (held > 60_000) {
                        writer.register("shop", "small", Client.instance("marked"), session.id());
                    }
                } else if (frame.stream() == UNREAD && frame.type() == RawPeer.RST_STREAM) {
                    assertThat(hub.stats().closes(CloseCause.SLOW_CONSUMER)).isOne();
                    peer.say(RawPeer.windowUpdate(0, held));
                } else if (frame.stream() == NEIGHBOUR) {
                    assertThat(frame.ends() || frame.type() == RawPeer.RST_STREAM)
                            .as("the neighbour has ended")
                            .isFalse();
                    if (data) {
                        giveBack(peer, frame);
                        marked = new String(frame.payload(), StandardCharsets.ISO_8859_1).contains("marked");
                    }
                }
            }
            assertThat(hub.stats().closes(CloseCause.SLOW_CONSUMER)).isOne();
            assertThat(hub.stats().streams()).isOne();
        }
    }

    private static void watch(RawPeer peer, int stream, String service) throws Exception {
        peer.say(RawPeer.headers(stream, "registrycenter.v1.WatchService/Watch"));
        for (WatchRequest request :
                new WatchRequest[] {Client.hello(), Client.subscribe(1, Client.service("shop", service), null)}) {
            peer.say(RawPeer.data(stream, RawPeer.message(request.toByteArray()), false));
        }
    }

    private static void awaitBytes(RawPeer peer, int stream) throws Exception {
        RawPeer.Frame frame = peer.next();
        while (frame != null && (frame.stream() != stream || frame.type() != RawPeer.DATA)) {
            frame = peer.next();
        }
    }

    private static void giveBack(RawPeer peer, RawPeer.Frame frame) throws Exception {
        if (frame.payload().length > 0) {
            peer.say(RawPeer.windowUpdate(0, frame.payload().length));
            peer.say(RawPeer.windowUpdate(frame.stream(), frame.payload().length));
        }
    }
}
