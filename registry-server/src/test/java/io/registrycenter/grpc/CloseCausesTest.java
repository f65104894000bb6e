package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.unix.Errors;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.grpc.CloseEvidence.Opening;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CloseCausesTest {

    private boolean channelOpen;
    private final CloseCauses plain = new CloseCauses(false);
    private final CloseCauses tls = new CloseCauses(true);
    private final CloseEvidence evidence = new CloseEvidence(0, () -> channelOpen);

    /** Errors of the native transport cannot be made before it is loaded. */
    @BeforeAll
    static void loadTheNativeTransport() {
        assumeTrue(Epoll.isAvailable(), "needs the native transport");
    }

    @Test
    void silentConnection_isAProbe_evenWhenItWasReset() {
        evidence.failed(new SocketException("reset"));
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PROBE_CONNECT);
    }

    @Test
    void foreignBytes_areAProtocolMismatch_whoeverClosed() {
        evidence.opened(Opening.FOREIGN);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PROTOCOL_MISMATCH);
        evidence.closingHere(false);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PROTOCOL_MISMATCH);
    }

    @Test
    void onATlsPort_anEndBeforeHttp2_isTlsFailed() {
        evidence.opened(Opening.EXPECTED);
        assertThat(tls.ofConnection(evidence)).isEqualTo(CloseCause.TLS_FAILED);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PEER_EOF);
        evidence.negotiated();
        assertThat(tls.ofConnection(evidence)).isEqualTo(CloseCause.PEER_EOF);
    }

    @ParameterizedTest
    @CsvSource({
        "104, PEER_RESET",
        "32, PEER_RESET",
        "103, PEER_RESET",
        "110, NETWORK_LOST",
        "113, NETWORK_LOST",
        "5, UNKNOWN"
    })
    void brokenSocket_isTheCauseOfItsErrno(int errno, CloseCause cause) {
        open();
        evidence.failed(new Errors.NativeIoException("read", -errno));
        assertThat(plain.ofConnection(evidence)).isEqualTo(cause);
        assertThat(plain.ofStream(Status.UNAVAILABLE, null, evidence)).isEqualTo(cause);
    }

    @Test
    void closedHere_isAnHttp2Error_unlessItWasDecidedOtherwise() {
        open();
        evidence.closingHere(false);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.HTTP2_ERROR);
        evidence.decided(CloseCause.KEEPALIVE_TIMEOUT);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.KEEPALIVE_TIMEOUT);
    }

    @ParameterizedTest
    @EnumSource(Opening.class)
    void closedHere_whileTheServerLeaves_isDraining_howeverFarItHadCome(Opening opening) {
        evidence.opened(opening);
        evidence.closingHere(true);
        assertThat(plain.ofConnection(evidence))
                .isEqualTo(opening == Opening.FOREIGN ? CloseCause.PROTOCOL_MISMATCH : CloseCause.DRAINING);
    }

    @Test
    void turnedAway_isTheLimit_alsoWhenNothingWasEverSaid() {
        evidence.decided(CloseCause.LIMIT_EXCEEDED);
        assertThat(plain.ofStream(Status.UNKNOWN, null, evidence)).isEqualTo(CloseCause.LIMIT_EXCEEDED);
        evidence.closingHere(false);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.LIMIT_EXCEEDED);
    }

    @Test
    void streamsGivenUpOnAnOpenChannel_areAForcedDrain_unlessItWasDecidedOtherwise() {
        open();
        channelOpen = true;
        assertThat(plain.ofStream(Status.UNAVAILABLE, null, evidence)).isEqualTo(CloseCause.DRAIN_FORCED);
        evidence.decided(CloseCause.KEEPALIVE_TIMEOUT);
        assertThat(plain.ofStream(Status.UNAVAILABLE, null, evidence)).isEqualTo(CloseCause.KEEPALIVE_TIMEOUT);
    }

    @Test
    void decision_comesBeforeEverything_andTheFirstStands() {
        open();
        evidence.decided(CloseCause.TOO_MANY_PINGS);
        evidence.decided(CloseCause.LIMIT_EXCEEDED);
        evidence.failed(new SocketException("reset"));
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.TOO_MANY_PINGS);
        assertThat(plain.ofStream(Status.RESOURCE_EXHAUSTED, null, evidence)).isEqualTo(CloseCause.TOO_MANY_PINGS);
    }

    @Test
    void goodbyeWithoutAStream_isCompleted_howeverTheSocketEnded_andUnderAStreamItIsNot() {
        open();
        evidence.saidGoodbye();
        assertThat(plain.ofConnection(evidence, 0)).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(plain.ofConnection(evidence, 1)).isEqualTo(CloseCause.PEER_EOF);
        evidence.failed(new SocketException("reset"));
        assertThat(plain.ofConnection(evidence, 0)).isEqualTo(CloseCause.CLIENT_COMPLETED);
        assertThat(plain.ofConnection(evidence, 1)).isEqualTo(CloseCause.PEER_RESET);
    }

    @Test
    void goodbye_thatAnswersOurs_changesNothing() {
        open();
        evidence.closingHere(true);
        evidence.saidGoodbye();
        assertThat(plain.ofConnection(evidence, 0)).isEqualTo(CloseCause.DRAINING);
    }

    @Test
    void messageOverTheLimit_isLimitExceeded_alsoWhenTheConnectionGoesOn() {
        open();
        assertThat(plain.ofStream(Status.RESOURCE_EXHAUSTED, null, evidence)).isEqualTo(CloseCause.LIMIT_EXCEEDED);
    }

    @Test
    void writeOnAClosedChannel_saysNothing_theOtherEndHadFinished() {
        open();
        evidence.failed(new ClosedChannelException());
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PEER_EOF);
        Status closedChannel = Status.UNKNOWN.withCause(new ClosedChannelException());
        assertThat(plain.ofStream(closedChannel, null, evidence)).isEqualTo(CloseCause.PEER_EOF);
        assertThat(plain.ofStream(Status.UNKNOWN, null, evidence)).isEqualTo(CloseCause.UNKNOWN);
    }

    @Test
    void closedChannel_foundClosedOverAndOver_saysNothingEither() {
        open();
        evidence.failed(new ClosedChannelException().initCause(new ClosedChannelException()));
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PEER_EOF);
    }

    @Test
    void closedChannel_thatNamesWhatBrokeIt_isThat() {
        open();
        Throwable closed = new ClosedChannelException().initCause(new Errors.NativeIoException("write", -104));
        evidence.failed(closed);
        assertThat(plain.ofConnection(evidence)).isEqualTo(CloseCause.PEER_RESET);
    }

    @Test
    void protocolError_isOne_unlessTheConnectionBroke() {
        open();
        assertThat(plain.ofStream(Status.INTERNAL, null, evidence)).isEqualTo(CloseCause.HTTP2_ERROR);
        evidence.failed(new Errors.NativeIoException("read", -104));
        assertThat(plain.ofStream(Status.INTERNAL, null, evidence)).isEqualTo(CloseCause.PEER_RESET);
    }

    @Test
    void nothingReported_isUnknown() {
        assertThat(plain.ofStream(null, null, null)).isEqualTo(CloseCause.UNKNOWN);
        assertThat(plain.ofStream(Status.UNAVAILABLE, null, null)).isEqualTo(CloseCause.UNKNOWN);
    }

    private void open() {
        evidence.opened(Opening.EXPECTED);
        evidence.negotiated();
    }
}
