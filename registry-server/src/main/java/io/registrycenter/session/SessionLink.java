package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import java.time.Duration;

/** One stream of one session. Confined to the executor of its outlet: every public method is called there. */
public final class SessionLink {

    private final SessionOutlet outlet;

    SessionLink(SessionOutlet outlet) {
        this.outlet = outlet;
    }

    private void closing() {
        outlet.end(new SessionEnd(CloseCause.SERVER_FAULT, "sessions are not served yet", Duration.ZERO, null));
    }

    /**
     * Asks for a new session.
     *
     * @param ttl silence allowed; zero: the server's default
     */
    public void open(Duration ttl, ClientInfo client) {
        closing();
    }

    /**
     * Takes a session over after its link was lost.
     *
     * @param fence of the newest {@link Opened} the client received
     * @param attempt random for each lost link, repeated until {@link Opened} arrives
     */
    public void resume(String sessionId, long fence, String attempt, ClientInfo client) {
        closing();
    }

    /** Proof of life. */
    public void heartbeat() {
        closing();
    }

    /** The provider leaves for good: its instances go at once. */
    public void goodbye() {
        closing();
    }

    /** The stream is over, whoever ended it; further calls do nothing. The session becomes suspect. */
    public void closed(CloseCause cause) {
        closing();
    }
}
