package io.registrycenter.session;

/**
 * Whether sessions whose time is up are removed.
 *
 * <pre>
 *        too many at once                too long, or an operator
 *   OFF -------------------> HOLDING ----------------------------> PACED
 *    ^  `<--ratio recovers------'                                    |
 *    `-------------------ratio recovers, or nothing is left----------'
 * </pre>
 */
public enum BrakeState {
    /** Normal: what is due goes. */
    OFF("Sessions expire when their time is up."),
    /** Nothing goes: so many at once means that the fault is more likely here, or in between, than with the providers. */
    HOLDING(
            "More sessions fell silent at once than is believable, so none expires and their instances stay registered. Look"
                    + " at the network between the providers and this server. If they really are gone, let expiry go on with"
                    + " POST /actuator/sessions/release."),
    /** What is due goes slowly, whatever the ratio says. */
    PACED("Sessions whose time is up expire at a limited pace until the silent ones are few again.");

    private final String advice;

    BrakeState(String advice) {
        this.advice = advice;
    }

    /** What it means, and what to do. */
    public String advice() {
        return advice;
    }

    /**
     * The next state.
     *
     * @throws IllegalStateException when the drawing has no such arrow
     */
    BrakeState to(BrakeState next) {
        boolean allowed = switch (this) {
            case OFF -> next == HOLDING;
            case HOLDING -> next == OFF || next == PACED;
            case PACED -> next == OFF;
        };
        if (!allowed) {
            throw new IllegalStateException("the expiry brake does not go from " + this + " to " + next);
        }
        return next;
    }
}
