package io.registrycenter.session;

import io.registrycenter.catalog.Rules;
import java.time.Duration;

/**
 * How long sessions live.
 *
 * @param ttl silence allowed when the client does not say, 5 s..10 min
 * @param heartbeatInterval how often a heartbeat is asked for; a third of the TTL when that is shorter
 * @param reconnectGrace how long a session survives the loss of its link
 * @param restartGrace how long it survives when this server ended the link, or was started anew, counted from ready
 * @param orphanGrace how long it survives the end of the server it is on, where there are others
 * @param pause a gap between two sweeps longer than this means that this server stood still: nobody's silence counts
 */
public record SessionSettings(
        Duration ttl,
        Duration heartbeatInterval,
        Duration reconnectGrace,
        Duration restartGrace,
        Duration orphanGrace,
        Duration pause,
        BrakeSettings brake) {

    public static final SessionSettings DEFAULT = new SessionSettings(
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2),
            BrakeSettings.DEFAULT);

    public SessionSettings {
        if (ttl.isZero()) {
            throw new IllegalArgumentException("the default session TTL must not be 0");
        }
        Rules.ttl("ttl", ttl);
    }

    /** What a session of this TTL is asked for. */
    Duration heartbeatInterval(Duration sessionTtl) {
        Duration third = sessionTtl.dividedBy(3);
        return third.compareTo(heartbeatInterval) < 0 ? third : heartbeatInterval;
    }
}
