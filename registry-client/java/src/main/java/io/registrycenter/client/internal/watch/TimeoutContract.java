package io.registrycenter.client.internal.watch;

import io.registrycenter.client.internal.link.NettyChannels;
import io.registrycenter.proto.v1.WatchWelcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the server's timeouts against this client's: two ends that disagree cut healthy streams. A broken rule is one log
 * line with both values, told again only when it changes. Confined to the serial executor.
 */
final class TimeoutContract {

    private static final Logger log = LoggerFactory.getLogger(TimeoutContract.class);

    private final Duration readTimeout;
    private List<String> told = List.of();

    TimeoutContract(Duration readTimeout) {
        this.readTimeout = readTimeout;
    }

    void check(WatchWelcome welcome) {
        List<String> broken = broken(welcome);
        if (!broken.isEmpty() && !broken.equals(told)) {
            log.warn("Timeouts of node {} and of this client do not fit: {}", welcome.getNode(), broken);
        }
        told = broken;
    }

    /** A number the server does not say (0) breaks no rule. */
    List<String> broken(WatchWelcome welcome) {
        List<String> broken = new ArrayList<>();
        long heartbeat = welcome.getHeartbeatIntervalMs();
        long heard = heartbeat + welcome.getHeartbeatTimeoutMs();
        if (heartbeat > 0 && readTimeout.toMillis() <= heard) {
            broken.add("the client's read timeout (" + readTimeout.toMillis()
                    + " ms) must be above the server's heartbeat interval + timeout (" + heard + " ms)");
        }
        if (heartbeat > 0 && welcome.getIdleTimeoutMs() > 0 && heartbeat >= welcome.getIdleTimeoutMs()) {
            broken.add("the server's heartbeat interval (" + heartbeat + " ms) must be below its idle timeout ("
                    + welcome.getIdleTimeoutMs() + " ms)");
        }
        long keepalive = TimeUnit.SECONDS.toMillis(NettyChannels.KEEPALIVE_SECONDS);
        if (welcome.getPermitKeepaliveMs() > keepalive) {
            broken.add("the client's HTTP/2 keepalive (" + keepalive
                    + " ms) must not be below what the server permits (" + welcome.getPermitKeepaliveMs() + " ms)");
        }
        return broken;
    }
}
