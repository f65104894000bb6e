package io.registrycenter.client.internal.session;

import io.registrycenter.client.LostReason;

/** What happens to the client's session. Called on the serial executor. */
interface SessionListener {

    /**
     * The session is active.
     *
     * @param sameSession false for a new one, which holds nothing yet
     */
    void active(String sessionId, boolean sameSession);

    /** Its link is lost; it lives on for the grace. */
    void suspended();

    /** It does not exist any more; another one is opened. */
    void expired();

    /** The registry goes on with another history, a backup for example, which may be without what the session holds. */
    void otherHistory();

    /** Another holder has it: this process is a copy and must stop. */
    void fenced();

    /**
     * One of its registrations is over.
     *
     * @param createdRevision which one; 0: the registry does not say
     */
    void lost(String namespace, String service, String instanceId, long createdRevision, LostReason reason);

    /** Whether anything needs a session. */
    boolean needsSession();
}
