package io.registrycenter.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The gRPC port; its address is {@code spring.grpc.server.address} and {@code .port}.
 *
 * @param eventLoops threads that serve all connections; 0: one for each core, at least two
 * @param keepaliveTime a connection silent for this long is sent an HTTP/2 ping
 * @param keepaliveTimeout a ping unanswered for this long ends the connection with KEEPALIVE_TIMEOUT; not while the
 *     slow-client ladder has a stream of it to judge
 * @param keepalivePermit pings of a client closer than this end its connection with TOO_MANY_PINGS
 * @param tcpUserTimeout data the other end's kernel does not take for this long ends the connection (Linux); Linux means a
 *     closed window too, so that it must leave the slow-client ladder its time
 * @param maxConnections connections served at a time; the calls of more are refused, then they are closed
 * @param streamsPerConnection watch and attach streams on one connection; HTTP/2 lets twice as many calls in
 * @param handshakesPerSecond watch and attach streams that may start in a second on this node; 0: any number
 * @param flowControlWindow what a client may send ahead on a call and on a connection
 */
@ConfigurationProperties(prefix = "registry.grpc")
public record GrpcProperties(
        @DefaultValue("0") @Range(min = "0", max = "64") int eventLoops,
        @DefaultValue("30s") @Range(min = "1s", max = "2h") Duration keepaliveTime,
        @DefaultValue("10s") @Range(min = "1s", max = "2m") Duration keepaliveTimeout,
        @DefaultValue("10s") @Range(min = "0s", max = "1h") Duration keepalivePermit,
        @DefaultValue("60s") @Range(min = "1s", max = "15m") Duration tcpUserTimeout,

        @DefaultValue("10000") @Range(min = "1", max = "1000000")
        int maxConnections,

        @DefaultValue("100") @Range(min = "1", max = "10000")
        int streamsPerConnection,

        @DefaultValue("10000") @Range(min = "0", max = "1000000")
        int handshakesPerSecond,

        @DefaultValue("1MB") @Range(min = "64KB", max = "64MB")
        DataSize flowControlWindow) {}
