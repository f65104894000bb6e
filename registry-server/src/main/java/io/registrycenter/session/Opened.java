package io.registrycenter.session;

import java.time.Duration;

/**
 * The session is active on the link; answer to open and to resume.
 *
 * @param sessionId the client's secret; left out of {@link #toString}
 * @param fence to be given with the next resume
 * @param ttl silence allowed
 * @param heartbeatInterval how often a heartbeat is expected, at most a third of the ttl
 * @param reconnectGrace how long the session survives without a link
 * @param restartGrace how long it survives a restart or drain of the server
 * @param otherHistory the client's cursor is not known to be of this history: what the session held may be missing
 */
public record Opened(
        String sessionId,
        long fence,
        Duration ttl,
        Duration heartbeatInterval,
        Duration reconnectGrace,
        Duration restartGrace,
        boolean otherHistory) {

    @Override
    public String toString() {
        return "Opened[fence=" + fence + ", ttl=" + ttl + "]";
    }
}
