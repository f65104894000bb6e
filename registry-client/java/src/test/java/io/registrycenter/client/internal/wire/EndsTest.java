package io.registrycenter.client.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Causes by name, type and status code. */
class EndsTest {

    private static CloseCause cause(Status status, boolean answered) {
        return Ends.of(status, new Metadata(), answered).cause();
    }

    private static CloseCause unavailable(Throwable fault) {
        return cause(Status.UNAVAILABLE.withDescription("io exception").withCause(fault), true);
    }

    @Test
    void causes_all_areThoseOfTheWire() {
        List<String> wire = Arrays.stream(io.registrycenter.proto.v1.CloseCause.values())
                .filter(cause -> cause != io.registrycenter.proto.v1.CloseCause.UNRECOGNIZED)
                .filter(cause -> cause != io.registrycenter.proto.v1.CloseCause.CLOSE_CAUSE_UNSPECIFIED)
                .map(cause -> cause.name().substring("CLOSE_CAUSE_".length()))
                .toList();
        assertThat(CloseCause.values()).extracting(CloseCause::name).containsExactlyElementsOf(wire);
        for (CloseCause cause : CloseCause.values()) {
            assertThat(Words.cause(Words.wire(cause))).isEqualTo(cause);
        }
    }

    @Test
    void words_reasonsAndStatuses_areThoseOfTheWire() {
        assertThat(names(io.registrycenter.proto.v1.RemovalReason.values(), "REMOVAL_REASON_"))
                .allSatisfy(name -> assertThat(io.registrycenter.client.RemovalReason.valueOf(name))
                        .isEqualTo(Words.reason(
                                io.registrycenter.proto.v1.RemovalReason.valueOf("REMOVAL_REASON_" + name))));
        assertThat(names(io.registrycenter.proto.v1.SnapshotReason.values(), "SNAPSHOT_REASON_"))
                .allSatisfy(name -> assertThat(io.registrycenter.client.SnapshotReason.valueOf(name))
                        .isEqualTo(Words.reason(
                                io.registrycenter.proto.v1.SnapshotReason.valueOf("SNAPSHOT_REASON_" + name))));
        assertThat(names(io.registrycenter.proto.v1.InstanceStatus.values(), "INSTANCE_STATUS_"))
                .allSatisfy(name -> assertThat(Words.wire(io.registrycenter.client.InstanceStatus.valueOf(name))
                                .name())
                        .isEqualTo("INSTANCE_STATUS_" + name));
    }

    private static <E extends Enum<E>> List<String> names(E[] values, String prefix) {
        return Arrays.stream(values)
                .map(Enum::name)
                .filter(name -> !name.equals("UNRECOGNIZED") && !name.endsWith("_UNSPECIFIED"))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    @Test
    void transport_byType() {
        assertThat(unavailable(new ConnectException("any text"))).isEqualTo(CloseCause.CONNECT_REFUSED);
        assertThat(unavailable(new RuntimeException(new UnknownHostException("x"))))
                .isEqualTo(CloseCause.NETWORK_LOST);
        assertThat(unavailable(new SSLHandshakeException("x"))).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(unavailable(new ClosedChannelException())).isEqualTo(CloseCause.PEER_EOF);
        assertThat(unavailable(new IOException("Connexion ré-initialisée"))).isEqualTo(CloseCause.PEER_RESET);
        assertThat(cause(Status.UNAVAILABLE, true)).isEqualTo(CloseCause.PEER_EOF);
    }

    @Test
    void transport_grpcsOwnWords() {
        assertThat(cause(Status.UNAVAILABLE.withDescription("Keepalive failed. The connection is likely gone"), true))
                .isEqualTo(CloseCause.KEEPALIVE_TIMEOUT);
        assertThat(cause(
                        Status.RESOURCE_EXHAUSTED.withDescription("Connection closed after GOAWAY. HTTP/2 error code:"
                                + " ENHANCE_YOUR_CALM (Bandwidth exhausted), debug data: too_many_pings"),
                        true))
                .isEqualTo(CloseCause.TOO_MANY_PINGS);
        assertThat(cause(Status.UNAVAILABLE.withDescription("GOAWAY. HTTP/2 error code: NO_ERROR"), true))
                .isEqualTo(CloseCause.DRAINING);
    }

    @Test
    void status_byCode() {
        assertThat(cause(Status.UNIMPLEMENTED, false)).isEqualTo(CloseCause.PROTOCOL_MISMATCH);
        assertThat(cause(Status.PERMISSION_DENIED, false)).isEqualTo(CloseCause.DENIED);
        assertThat(cause(Status.INVALID_ARGUMENT, true)).isEqualTo(CloseCause.INVALID_REQUEST);
        assertThat(cause(Status.RESOURCE_EXHAUSTED, true)).isEqualTo(CloseCause.LIMIT_EXCEEDED);
        assertThat(cause(Status.UNKNOWN, true)).isEqualTo(CloseCause.SERVER_FAULT);
        assertThat(Ends.of(Status.OK, new Metadata(), true).orderly()).isTrue();
    }
}
