package io.registrycenter.observe.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against text as Linux writes it; the ports 8080 and 9090 are 1F90 and 2382 there. */
class SocketReaderTest {

    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    private static final String TCP = HEADER
            + "   0: 0100007F:2382 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1111 1 0 100 0 0 10 0\n"
            + "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1112 1 0 100 0 0 10 0\n"
            + "   2: 0100007F:2382 0100007F:A1B2 01 00012345:00000000 01:00000018 00000000     0        0 1113 2 0 20 4 24 10 -1\n"
            + "   3: 0100007F:2382 0100007F:A1B3 01 00000040:00000000 01:00000018 00000000     0        0 1114 2 0 20 4 24 10 -1\n"
            + "   4: 0100007F:2382 0100007F:A1B4 08 00000000:00000001 00:00000000 00000000     0        0 1115 1 0 20 4 24 10 -1\n"
            + "   5: 0100007F:1F90 0100007F:A1B5 03 00000000:00000000 01:00000018 00000000     0        0 0 1 0\n"
            + "   6: 0100007F:A1B2 0100007F:2382 01 00099999:00000000 00:00000000 00000000     0        0 1116 1 0 20 4 24 10 -1\n"
            + "   7: 0100007F:0016 0100007F:A1B7 08 00000000:00000000 00:00000000 00000000     0        0 1117 1 0 20 4 24 10 -1\n";

    private static final String TCP6 = HEADER
            + "   0: 00000000000000000000000001000000:2382 00000000000000000000000001000000:A1C0 0C 00000000:00000000"
            + " 01:00000018 00000000     0        0 0 1 0\n"
            + "   1: 00000000000000000000000001000000:2382 00000000000000000000000001000000:A1C1 7F 00000000:00000000"
            + " 01:00000018 00000000     0        0 0 1 0\n"
            + "a line nobody knows\n";

    private static final String SNMP = """
            Ip: Forwarding DefaultTTL
            Ip: 1 64
            Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs\
             OutSegs RetransSegs InErrs OutRsts InCsumErrors
            Tcp: 1 200 120000 -1 183412 139091 44264 36633 12 13895016 13868207 25936 0 %d 0
            """;

    private static final String NETSTAT = """
            TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPHPHits
            TcpExt: 0 %d %d 4711
            IpExt: InNoRoutes
            IpExt: 0
            """;

    @TempDir
    Path net;

    private long now = 1;
    private final Set<Integer> ports = Set.of(8080, 9090);

    @Test
    void socketsOfOwnPorts_areCountedByState_othersAreNot() throws IOException {
        write("tcp", TCP);
        write("tcp6", TCP6);
        SocketFacts facts = reader().facts().orElseThrow();
        assertThat(facts.inOrder())
                .isEqualTo(Map.of(
                        TcpState.ESTABLISHED, 2, TcpState.CLOSE_WAIT, 1, TcpState.SYN_RECV, 2, TcpState.LISTEN, 2));
        assertThat(facts.acceptQueue()).isEqualTo(3);
        assertThat(facts.backlogSockets())
                .as("64 bytes are under way, not stuck")
                .isOne();
        assertThat(facts.backlogBytes()).isEqualTo(0x12345);
    }

    @Test
    void counters_areReadByName_andCountedSinceTheFirstReading() throws IOException {
        write("tcp", TCP);
        write("snmp", SNMP.formatted(63_292));
        write("netstat", NETSTAT.formatted(5, 7));
        SocketReader reader = reader();
        SocketFacts first = reader.facts().orElseThrow();
        assertThat(first.counters()).isEqualTo(new SocketFacts.Counters(5, 7, 63_292, 36_633));
        assertThat(first.sinceStart()).isEqualTo(new SocketFacts.Counters(0, 0, 0, 0));

        write("snmp", SNMP.formatted(63_300));
        write("netstat", NETSTAT.formatted(15, 27));
        now += SocketReader.KEEP_NANOS - 1;
        assertThat(reader.facts()).as("kept for a few seconds").contains(first);
        now += 1;
        SocketFacts second = reader.facts().orElseThrow();
        assertThat(second.sinceStart()).isEqualTo(new SocketFacts.Counters(10, 20, 8, 0));
    }

    @Test
    void systemWithoutProc_tellsNothing_withoutAnError() {
        assertThat(reader().available()).isFalse();
        assertThat(reader().facts()).isEmpty();
    }

    @Test
    void counterFilesThatAreMissing_countNothing() throws IOException {
        write("tcp", HEADER);
        SocketFacts facts = reader().facts().orElseThrow();
        assertThat(facts.counters()).isEqualTo(new SocketFacts.Counters(0, 0, 0, 0));
        assertThat(facts.connections()).isEmpty();
    }

    @Test
    void nothingUnusual_isNoSentence() {
        assertThat(SocketAdvice.of(facts(Map.of(TcpState.ESTABLISHED, 9_000), 0, 0)))
                .isEmpty();
    }

    @Test
    void whatStandsOut_isASentenceEach() {
        SocketFacts facts = new SocketFacts(
                900,
                1_000,
                Map.of(TcpState.CLOSE_WAIT, 40, TcpState.SYN_RECV, 100),
                0,
                3,
                3 << 20,
                new SocketFacts.Counters(9, 9, 9, 9),
                new SocketFacts.Counters(2, 2, 0, 0));
        assertThat(SocketAdvice.of(facts))
                .satisfiesExactly(
                        descriptors -> assertThat(descriptors).startsWith("900 of 1000 file descriptors"),
                        closeWait -> assertThat(closeWait).contains("40 connections are in CLOSE_WAIT", "we did not"),
                        handshakes -> assertThat(handshakes).contains("100 connections are in SYN_RECV"),
                        overflows -> assertThat(overflows).contains("overflowed 2 times"),
                        backlog -> assertThat(backlog)
                                .contains(
                                        "3 connections have a send backlog, 3.0 MiB",
                                        "/actuator/streams?state=stalled"));
    }

    private static SocketFacts facts(Map<TcpState, Integer> connections, int backlogSockets, long overflows) {
        return new SocketFacts(
                100,
                65_536,
                connections,
                0,
                backlogSockets,
                0,
                new SocketFacts.Counters(overflows, 0, 0, 0),
                new SocketFacts.Counters(overflows, 0, 0, 0));
    }

    private SocketReader reader() {
        return new SocketReader(net, () -> ports, () -> now);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(net.resolve(file), text);
    }
}
