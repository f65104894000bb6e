package io.registrycenter.config;

import io.registrycenter.config.NeighbourProperties.Client;
import io.registrycenter.config.NeighbourProperties.Http;
import io.registrycenter.config.NeighbourProperties.Intermediary;
import java.time.Duration;

/**
 * Timeouts that must go together, or streams break with nobody at fault. One sentence each, with both values and the rule.
 */
final class TimeoutRules {

    private TimeoutRules() {}

    static void check(
            WatchProperties watch,
            SessionProperties session,
            DrainProperties drain,
            Http http,
            Client client,
            Intermediary intermediary) {
        Duration heartbeat = watch.heartbeatInterval();
        require(
                heartbeat.compareTo(watch.idleTimeout()) < 0,
                "registry.watch.heartbeat-interval",
                heartbeat,
                "shorter than registry.watch.idle-timeout",
                watch.idleTimeout(),
                "or streams that are alive look idle");
        Duration answered = heartbeat.plus(watch.heartbeatTimeout());
        require(
                watch.clientReadTimeout().compareTo(answered) > 0,
                "registry.watch.client-read-timeout",
                watch.clientReadTimeout(),
                "longer than registry.watch.heartbeat-interval and heartbeat-timeout together",
                answered,
                "or clients give up between two heartbeats");
        require(
                client.poolMaxIdle().compareTo(http.keepAlive()) < 0,
                "registry.client.pool-max-idle",
                client.poolMaxIdle(),
                "shorter than registry.http.keep-alive",
                http.keepAlive(),
                "or clients use connections that the server is closing");
        if (intermediary.idleTimeout() != null) {
            require(
                    heartbeat.multipliedBy(2).compareTo(intermediary.idleTimeout()) < 0,
                    "registry.watch.heartbeat-interval",
                    heartbeat,
                    "shorter than half of registry.intermediary.idle-timeout",
                    intermediary.idleTimeout(),
                    "or a proxy in between cuts streams that are alive");
        }
        require(
                session.heartbeatInterval().multipliedBy(2).compareTo(session.ttl()) <= 0,
                "registry.session.heartbeat-interval",
                session.heartbeatInterval(),
                "at most half of registry.session.ttl",
                session.ttl(),
                "or one lost heartbeat expires a session");
        require(
                drain.stopsWithin().compareTo(drain.shutdownLimit()) < 0,
                "registry.drain.timeout and the graces after it",
                drain.stopsWithin(),
                "shorter than registry.drain.shutdown-limit",
                drain.shutdownLimit(),
                "or the process is killed in the middle of it");
    }

    private static void require(
            boolean holds, String property, Duration value, String rule, Duration other, String reason) {
        if (!holds) {
            throw new SettingRefused(property + " (" + Notation.of(value) + ") must be " + rule + " ("
                    + Notation.of(other) + "), " + reason + ".");
        }
    }
}
