package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.LostReason;
import org.jspecify.annotations.Nullable;

/**
 * What the registry is known to hold of one id for this client, and what it said it took away.
 *
 * <p>News of a loss may be older than the registration it meets: it came on the session's stream, the acknowledgement as the
 * answer of a call. It names the created revision of the registration it is about, and one with a greater created revision is
 * not concerned. While an acknowledgement is on its way nobody knows which of the two is the newer one: the news is kept until
 * then. Confined to the serial executor.
 */
final class Standing {

    /** Held, but the registry did not say since when in the history that it has now. */
    private static final Cursor NOT_SAID = new Cursor("", 0);

    /** Epoch and created revision; null: nothing is held. */
    private @Nullable Cursor registration;

    /** What it accepted last of the keeper's own; null: nothing, or it may have something else now. */
    private @Nullable Instance accepted;

    /** Of the newest loss that was kept. */
    private long lostRevision;

    private @Nullable LostReason lostReason;

    /** A newer keeper has the id: nothing of its own was accepted yet. */
    void newKeeper() {
        accepted = null;
    }

    /** The registry accepted this; null: what a former keeper wanted. */
    void holds(@Nullable Instance instance, Accepted answer) {
        accepted = instance;
        if (answer.createdRevision() != 0) {
            registration = new Cursor(answer.cursor().epoch(), answer.createdRevision());
        } else if (registration == null) {
            registration = NOT_SAID;
        }
    }

    /** The registry has nothing of this client's under the id. */
    void holdsNothing() {
        registration = null;
        accepted = null;
    }

    /** What a session held is gone with it, and so is what was said about it. */
    void sessionGone() {
        registration = null;
        lostRevision = 0;
        lostReason = null;
    }

    /** The registry goes on with another history, in which revisions mean something else. */
    void otherHistory() {
        boolean held = registration != null;
        sessionGone();
        registration = held ? NOT_SAID : null;
        accepted = null;
    }

    /** Whether the registry may hold it, as far as it said. */
    boolean mayHold() {
        return registration != null;
    }

    @Nullable
    Instance accepted() {
        return accepted;
    }

    /** Which registration a call is about; null: whichever this client's session holds. */
    @Nullable
    Cursor registration() {
        return NOT_SAID.equals(registration) ? null : registration;
    }

    /** Whether a loss is one of the registration that is held. */
    boolean concerns(long createdRevision) {
        Cursor known = registration();
        return createdRevision == 0 || known == null || createdRevision >= known.revision();
    }

    /** Keeps a loss until an acknowledgement says which registration is held. */
    void keep(LostReason reason, long createdRevision) {
        if (createdRevision >= lostRevision) {
            lostRevision = createdRevision;
            lostReason = reason;
        }
    }

    /** Why the registration that is held is lost already; null: it is not. */
    @Nullable
    LostReason lostAlready() {
        return lostReason != null && concerns(lostRevision) ? lostReason : null;
    }
}
