package io.registrycenter.observe.sockets;

import org.jspecify.annotations.Nullable;

/** States of a TCP connection, in the order in which Linux numbers them from 1. */
public enum TcpState {
    ESTABLISHED,
    SYN_SENT,
    SYN_RECV,
    FIN_WAIT1,
    FIN_WAIT2,
    TIME_WAIT,
    CLOSE,
    CLOSE_WAIT,
    LAST_ACK,
    LISTEN,
    CLOSING,
    /** A handshake the kernel has only a small note of; it counts as {@link #SYN_RECV}. */
    NEW_SYN_RECV;

    /** The state of a number in {@code /proc/net/tcp}; null: a number of a newer kernel. */
    static @Nullable TcpState of(int number) {
        TcpState[] all = values();
        if (number < 1 || number > all.length) {
            return null;
        }
        TcpState state = all[number - 1];
        return state == NEW_SYN_RECV ? SYN_RECV : state;
    }
}
