package io.registrycenter.observe.sockets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says in plain sentences what stands out, and where to look. */
public final class SocketAdvice {

    static final int MANY_CLOSE_WAIT = 20;
    static final int MANY_SYN_RECV = 64;
    static final double FULL = 0.8;

    private static final double MEBIBYTE = 1024.0 * 1024.0;

    private SocketAdvice() {}

    /** One sentence for each thing that stands out; none when nothing does. */
    public static List<String> of(SocketFacts facts) {
        List<String> sentences = new ArrayList<>();
        if (facts.descriptorLimit() > 0 && facts.descriptors() >= FULL * facts.descriptorLimit()) {
            sentences.add(facts.descriptors() + " of " + facts.descriptorLimit()
                    + " file descriptors are open: raise the limit (ulimit -n), for without a free one no connection can be"
                    + " accepted.");
        }
        int closeWait = facts.connections(TcpState.CLOSE_WAIT);
        if (closeWait >= MANY_CLOSE_WAIT) {
            sentences.add(
                    closeWait + " connections are in CLOSE_WAIT: the other end closed and we did not. This server is"
                            + " stuck or leaks connections; take a thread dump.");
        }
        int handshakes = facts.connections(TcpState.SYN_RECV);
        if (handshakes >= MANY_SYN_RECV) {
            sentences.add(
                    handshakes + " connections are in SYN_RECV: handshakes come faster than they are finished. A herd"
                            + " comes back, the accept queue is full, or somebody floods the port.");
        }
        long overflows = facts.sinceStart().listenOverflows();
        if (overflows > 0) {
            sentences.add(
                    "The accept queue overflowed " + overflows + " times since this server started (it, or another"
                            + " one beside it): connections came faster than they were accepted. Look at net.core.somaxconn, at"
                            + " registry.grpc.max-connections and at the CPU.");
        }
        if (facts.backlogSockets() > 0) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d connections have a send backlog, %.1f MiB together: these clients read too slowly, or their"
                            + " network is slow. /actuator/streams?state=stalled names them.",
                    facts.backlogSockets(),
                    facts.backlogBytes() / MEBIBYTE));
        }
        return sentences;
    }
}
