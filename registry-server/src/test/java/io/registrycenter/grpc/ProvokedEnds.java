package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect.Kind;
import io.registrycenter.fault.LostNetwork;
import io.registrycenter.fault.RelayLink;
import io.registrycenter.fault.TcpRelay;
import io.registrycenter.grpc.ShortClocks.Setup;
import io.registrycenter.proto.v1.AttachRequest;
import io.registrycenter.proto.v1.AttachResponse;
import io.registrycenter.proto.v1.SessionOpen;
import io.registrycenter.proto.v1.SessionResume;
import io.registrycenter.proto.v1.WatchRequest;
import io.registrycenter.proto.v1.WatchResponse;
import io.registrycenter.proto.v1.WatchServiceGrpc;
import io.registrycenter.store.Store;
import io.registrycenter.store.etcd.EtcdSettings;
import io.registrycenter.store.etcd.TestEtcd;
import io.registrycenter.watch.Hub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes streams and connections end, one way each, on live servers; waits until the end is told everywhere, and returns what
 * the endpoint says. Driven by one thread.
 */
final class ProvokedEnds implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NOBODY = "0123456789abcdef0123456789abcdef";

    /** Nobody listens here: it takes a privilege. */
    private static final int NOWHERE = 1;

    /** More than one part of a snapshot, in instances of nearly 16 KiB. */
    private static final int INSTANCES = 40;

    private static final int METADATA_VALUES = 14;

    private final Path directory;
    private final EndsTold told = new EndsTold();
    private final ShortClocks servers;

    /** Sessions whose clients say nothing, and would expire later. */
    private final List<Conversation<AttachRequest, AttachResponse>> attached = new ArrayList<>();

    private EndsTold.@Nullable Before silence;
    private @Nullable JsonNode forced;

    ProvokedEnds(Path directory) {
        this.directory = directory;
        servers = new ShortClocks(directory);
    }

    /** Something that may throw. */
    @FunctionalInterface
    interface Step<T> {
        void on(T what) throws Exception;
    }

    // --- one watch, or one connection, and what is done to it

    JsonNode watch(CloseCause cause, Step<Conversation<WatchRequest, WatchResponse>> step) throws Exception {
        return watch(Setup.PATIENT, cause, step);
    }

    private JsonNode watch(Setup setup, CloseCause cause, Step<Conversation<WatchRequest, WatchResponse>> step)
            throws Exception {
        LiveServer server = servers.server(setup);
        EndsTold.Before before = told.before(server, Kind.WATCH, cause);
        step.on(new Client(servers.channel(server.grpcPort())).greetedWatch());
        return before.more(1).getFirst();
    }

    JsonNode relayed(CloseCause cause, Consumer<RelayLink> fault) throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.WATCH, cause);
        TcpRelay relay = servers.relay(server.grpcPort());
        new Client(servers.channel(relay.port())).greetedWatch();
        relay.links().forEach(fault);
        return before.more(1).getFirst();
    }

    JsonNode connection(CloseCause cause, Step<RawPeer> step) throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.CONNECTION, cause);
        try (RawPeer peer = new RawPeer(server.grpcPort())) {
            step.on(peer);
        }
        return before.more(1).getFirst();
    }

    static void sayHttp1(RawPeer peer) throws IOException {
        peer.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        var unused = peer.untilClosed();
    }

    static void flood(RawPeer peer) throws IOException {
        peer.greet();
        peer.pings(20);
        var unused = peer.untilClosed();
    }

    /** Data of no stream. */
    static void breakHttp2(RawPeer peer) throws IOException {
        peer.greet();
        peer.say(RawPeer.data(0, new byte[1], false));
        var unused = peer.untilClosed();
    }

    /** One message over the limit. */
    static void sayTooMuch(Conversation<WatchRequest, WatchResponse> watch) {
        watch.say(Client.subscribe(1, Client.service("n".repeat(1 << 20), "orders"), null));
    }

    // --- the server's clocks

    JsonNode watchThatDoesNotAcknowledge() throws Exception {
        return watch(Setup.WANTS_ACKS, CloseCause.HEARTBEAT_TIMEOUT, Conversation::end);
    }

    JsonNode watchThatSaysNothing() throws Exception {
        return watch(Setup.WANTS_FRAMES, CloseCause.IDLE_TIMEOUT, Conversation::end);
    }

    JsonNode watchThatGrowsOld() throws Exception {
        return watch(Setup.RENEWS, CloseCause.MAX_AGE, Conversation::end);
    }

    JsonNode watchWithADeadline() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.WATCH, CloseCause.CLIENT_DEADLINE);
        Conversation<WatchRequest, WatchResponse> watch = new Conversation<>();
        var unused = WatchServiceGrpc.newStub(servers.channel(server.grpcPort()))
                .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                .watch(watch);
        watch.say(Client.hello());
        watch.end();
        return before.more(1).getFirst();
    }

    JsonNode watchThatIsNotRead() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.WATCH, CloseCause.SLOW_CONSUMER);
        Conversation<WatchRequest, WatchResponse> stalled = stalledWatch(server);
        JsonNode end = before.more(1).getFirst();
        stalled.cancel();
        return end;
    }

    private Conversation<WatchRequest, WatchResponse> stalledWatch(LiveServer server) throws Exception {
        Client client = new Client(servers.channel(server.grpcPort()));
        Client.Session session = openSession(client);
        for (int i = 0; i < INSTANCES; i++) {
            var big = Client.instance("i" + i).toBuilder();
            for (int k = 0; k < METADATA_VALUES; k++) {
                big.putMetadata("key-" + k, "x".repeat(1_000));
            }
            client.register("shop", "orders", big.build(), session.id());
        }
        return new Client(servers.channel(server.grpcPort())).stalledWatch(Client.service("shop", "orders"));
    }

    /** Two watches of which one is heard no more and the other hears no more; their end takes a while. */
    void beginSilence() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        silence = told.before(server, Kind.WATCH, CloseCause.KEEPALIVE_TIMEOUT);
        for (RelayLink.Way way : RelayLink.Way.values()) {
            TcpRelay relay = servers.relay(server.grpcPort());
            new Client(servers.channel(relay.port())).greetedWatch();
            relay.links().forEach(link -> link.blackhole(way));
        }
    }

    JsonNode silenceThatEnded() {
        return Objects.requireNonNull(silence, "begun").more(2).getFirst();
    }

    /** In a process of its own. */
    JsonNode networkThatIsLost() throws Exception {
        assumeTrue(LostNetwork.possible(), "needs a network namespace of its own, which is not allowed here");
        String said = LostNetwork.run(directory.resolve("LOST"));
        assertThat(said).startsWith("{NETWORK_LOST=1} ");
        return new JsonMapper().readTree(said.substring(said.indexOf("} ") + 2));
    }

    // --- operators

    JsonNode kicked() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.WATCH, CloseCause.KICKED);
        Conversation<WatchRequest, WatchResponse> watch = new Client(servers.channel(server.grpcPort())).watch();
        watch.say(Client.hello());
        String id = watch.next(WatchResponse::hasWelcome).getWelcome().getStreamId();
        ShortClocks.http(server)
                .delete()
                .uri("/streams/" + id)
                .exchange()
                .expectStatus()
                .isOk();
        return before.more(1).getFirst();
    }

    /** One that reads goes when it is sent away; one that does not goes with the next. */
    JsonNode drained() throws Exception {
        LiveServer server = servers.server(Setup.LEAVES);
        EndsTold.Before planned = told.before(server, Kind.WATCH, CloseCause.DRAINING);
        EndsTold.Before byForce = told.before(server, Kind.WATCH, CloseCause.DRAIN_FORCED);
        Conversation<WatchRequest, WatchResponse> stalled = stalledWatch(server);
        new Client(servers.channel(server.grpcPort())).greetedWatch();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> server.bean(Hub.class).streams().size() == 2);
        ShortClocks.http(server).post().uri("/drain").exchange().expectStatus().isOk();
        JsonNode end = planned.more(1).getFirst();
        forced = byForce.more(1).getFirst();
        stalled.cancel();
        return end;
    }

    /** The drain above had one: a server leaves once. */
    JsonNode watchThatCannotBeMoved() throws Exception {
        if (forced == null) {
            drained();
        }
        return Objects.requireNonNull(forced);
    }

    // --- sessions

    JsonNode sessionThatIsTakenOver() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.ATTACH, CloseCause.FENCED);
        Client client = new Client(servers.channel(server.grpcPort()));
        Client.Session session = openSession(client);
        resume(client, session.id(), session.opened().getFence());
        return before.more(1).getFirst();
    }

    JsonNode sessionThatNeverWas() throws Exception {
        LiveServer server = servers.server(Setup.PATIENT);
        EndsTold.Before before = told.before(server, Kind.ATTACH, CloseCause.SESSION_EXPIRED);
        resume(new Client(servers.channel(server.grpcPort())), NOBODY, 1);
        return before.more(1).getFirst();
    }

    private Client.Session openSession(Client client) throws InterruptedException {
        Client.Session session = client.openSession();
        attached.add(session.stream());
        return session;
    }

    private void resume(Client client, String session, long fence) {
        Conversation<AttachRequest, AttachResponse> attach = client.attach();
        attached.add(attach);
        attach.say(AttachRequest.newBuilder()
                .setResume(SessionResume.newBuilder()
                        .setSessionId(session)
                        .setFence(fence)
                        .setAttempt("another"))
                .build());
    }

    JsonNode sessionWhereTheStoreIsBroken() throws Exception {
        LiveServer server = servers.server(Setup.BROKEN);
        EndsTold.Before before = told.before(server, Kind.ATTACH, CloseCause.SERVER_FAULT);
        server.bean(Store.class).close();
        open(new Client(servers.channel(server.grpcPort()))).end();
        return before.more(1).getFirst();
    }

    /** Between the server and etcd is a relay: it is cut until the server knows that it is cut off. */
    JsonNode sessionWhereTheStoreIsOutOfReach() throws Exception {
        EtcdSettings etcd = TestEtcd.anew();
        int port = etcd.endpoints().getFirst().getPort();
        TcpRelay relay = servers.relay(port);
        LiveServer server = servers.server(
                Setup.CUT_OFF,
                "--registry.etcd.endpoints=http://127.0.0.1:" + relay.port(),
                "--registry.etcd.prefix=" + etcd.prefix());
        EndsTold.Before before = told.before(server, Kind.ATTACH, CloseCause.SERVER_BEHIND);
        Client client = new Client(servers.channel(server.grpcPort()));
        relay.target(NOWHERE);
        relay.resetAll();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> open(client).endInfo().getReason().equals(CloseCause.SERVER_BEHIND.name()));
        relay.target(port);
        return before.more(1).getFirst();
    }

    private static Conversation<AttachRequest, AttachResponse> open(Client client) {
        Conversation<AttachRequest, AttachResponse> attach = client.attach();
        attach.say(AttachRequest.newBuilder()
                .setOpen(SessionOpen.getDefaultInstance())
                .build());
        return attach;
    }

    // --- TLS

    JsonNode distrusted() throws Exception {
        LiveServer server = servers.server(Setup.TLS, new ServerKeys(directory).settings());
        EndsTold.Before before = told.before(server, Kind.CONNECTION, CloseCause.TLS_FAILED);
        ManagedChannel distrustful = servers.kept(
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort(), TlsChannelCredentials.create())
                        .build());
        new Client(distrustful).watch().end();
        return before.more(1).getFirst();
    }

    /** What an end needed and left open would end later, for another cause. */
    void letGo() {
        attached.forEach(Conversation::cancel);
        attached.clear();
    }

    /** Of all these streams. */
    void awaitNothingLeft() {
        servers.awaitNoStreams();
    }

    @Override
    public void close() throws IOException {
        told.close();
        servers.close();
    }
}
