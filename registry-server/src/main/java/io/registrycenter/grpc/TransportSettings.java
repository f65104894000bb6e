package io.registrycenter.grpc;

import java.time.Duration;

/**
 * How connections are served.
 *
 * @param eventLoops threads that serve all connections, 1 or more
 * @param keepaliveTime a connection that was silent this long is sent an HTTP/2 ping
 * @param keepaliveTimeout a ping unanswered this long ends the connection
 * @param permitKeepalive pings of a client closer than this end its connection
 * @param tcpUserTimeout data unacknowledged by the other end's kernel this long ends the connection (Linux)
 * @param resetAfter a stream whose end does not get through for this long is reset
 * @param maxConnections connections served at a time
 * @param streamsPerConnection watch and attach streams on one connection; HTTP/2 lets twice as many calls in
 * @param handshakesPerSecond watch and attach streams that may start on this node in a second; 0: any number
 * @param messageBytes no request is longer
 * @param flowControlWindowBytes what a client may send ahead on one call and on one connection
 * @param tls whether the port speaks TLS
 */
public record TransportSettings(
        int eventLoops,
        Duration keepaliveTime,
        Duration keepaliveTimeout,
        Duration permitKeepalive,
        Duration tcpUserTimeout,
        Duration resetAfter,
        int maxConnections,
        int streamsPerConnection,
        int handshakesPerSecond,
        int messageBytes,
        int flowControlWindowBytes,
        boolean tls) {}
