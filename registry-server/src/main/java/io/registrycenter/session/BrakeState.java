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
    OFF,
    /** Nothing goes: so many at once means that the fault is more likely here, or in between, than with the providers. */
    HOLDING,
    /** What is due goes slowly, whatever the ratio says. */
    PACED;

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
