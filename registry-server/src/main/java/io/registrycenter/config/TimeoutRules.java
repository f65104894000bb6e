package io.registrycenter.config;

import io.registrycenter.config.NeighbourProperties.Client;
import io.registrycenter.config.NeighbourProperties.Http;
import io.registrycenter.config.NeighbourProperties.Intermediary;
import java.time.Duration;
import java.util.List;

/** Timeouts that must go together, or streams break with nobody at fault: checked at the start, and shown to operators. */
final class TimeoutRules {

    private TimeoutRules() {}

    /** @throws SettingRefused for the first rule that is broken */
    static void check(
            WatchProperties watch,
            SessionProperties session,
            GrpcProperties grpc,
            DrainProperties drain,
            Http http,
            Client client,
            Intermediary intermediary) {
        for (TimeoutRule rule : of(watch, session, grpc, drain, http, client, intermediary)) {
            if (rule.checked() && !rule.holds()) {
                throw new SettingRefused(rule.sentence());
            }
        }
    }

    /** Every rule, whether it holds or not. */
    static List<TimeoutRule> of(
            WatchProperties watch,
            SessionProperties session,
            GrpcProperties grpc,
            DrainProperties drain,
            Http http,
            Client client,
            Intermediary intermediary) {
        Duration heartbeat = watch.heartbeatInterval();
        Duration answered = heartbeat.plus(watch.heartbeatTimeout());
        Duration judged = heartbeat.multipliedBy(5).dividedBy(4).plus(watch.stallTimeout());
        Duration poolMaxIdle = client.poolMaxIdle();
        Duration keepAlive = http.keepAlive();
        Duration proxyIdle = intermediary.idleTimeout();
        return List.of(
                new TimeoutRule(
                        "registry.watch.heartbeat-interval < registry.watch.idle-timeout",
                        "%s < %s",
                        "registry.watch.heartbeat-interval",
                        heartbeat,
                        "shorter than registry.watch.idle-timeout",
                        watch.idleTimeout(),
                        heartbeat.compareTo(watch.idleTimeout()) < 0,
                        "or streams that are alive look idle"),
                new TimeoutRule(
                        "registry.watch.client-read-timeout > registry.watch.heartbeat-interval +"
                                + " registry.watch.heartbeat-timeout",
                        "%s > %s",
                        "registry.watch.client-read-timeout",
                        watch.clientReadTimeout(),
                        "longer than registry.watch.heartbeat-interval and heartbeat-timeout together",
                        answered,
                        watch.clientReadTimeout().compareTo(answered) > 0,
                        "or clients give up between two heartbeats"),
                new TimeoutRule(
                        "registry.watch.heartbeat-interval < registry.intermediary.idle-timeout / 2",
                        "%s < %s / 2",
                        "registry.watch.heartbeat-interval",
                        heartbeat,
                        "shorter than half of registry.intermediary.idle-timeout",
                        proxyIdle,
                        proxyIdle != null && heartbeat.multipliedBy(2).compareTo(proxyIdle) < 0,
                        "or a proxy in between cuts streams that are alive"),
                new TimeoutRule(
                        "registry.grpc.tcp-user-timeout > 1.25 * registry.watch.heartbeat-interval +"
                                + " registry.watch.stall-timeout",
                        "%s > %s",
                        "registry.grpc.tcp-user-timeout",
                        grpc.tcpUserTimeout(),
                        "longer than 1.25 registry.watch.heartbeat-interval and registry.watch.stall-timeout together",
                        judged,
                        grpc.tcpUserTimeout().compareTo(judged) > 0,
                        "or a slow reader loses its whole connection before its streams are judged"),
                new TimeoutRule(
                        "registry.client.pool-max-idle < registry.http.keep-alive",
                        "%s < %s",
                        "registry.client.pool-max-idle",
                        poolMaxIdle,
                        "shorter than registry.http.keep-alive",
                        keepAlive,
                        poolMaxIdle.compareTo(keepAlive) < 0,
                        "or clients use connections that the server is closing"),
                new TimeoutRule(
                        "registry.session.heartbeat-interval <= registry.session.ttl / 2",
                        "%s <= %s / 2",
                        "registry.session.heartbeat-interval",
                        session.heartbeatInterval(),
                        "at most half of registry.session.ttl",
                        session.ttl(),
                        session.heartbeatInterval().multipliedBy(2).compareTo(session.ttl()) <= 0,
                        "or one lost heartbeat expires a session"),
                new TimeoutRule(
                        "registry.drain.timeout + " + Notation.of(DrainProperties.GRACES)
                                + " < registry.drain.shutdown-limit",
                        "%s < %s",
                        "registry.drain.timeout and the graces after it",
                        drain.stopsWithin(),
                        "shorter than registry.drain.shutdown-limit",
                        drain.shutdownLimit(),
                        drain.stopsWithin().compareTo(drain.shutdownLimit()) < 0,
                        "or the process is killed in the middle of it"));
    }
}
