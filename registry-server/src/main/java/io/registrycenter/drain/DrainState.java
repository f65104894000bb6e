package io.registrycenter.drain;

/**
 * How far this server is with leaving.
 *
 * <pre>
 * SERVING --begin--> ASKING --first slot--> MOVING --no stream left, deadline--> DRAINED
 *    ^                 |`------------------------no stream left--------------------^  |
 *    `-----cancel------'-----------cancel, while no connection was sent away----------'
 * </pre>
 */
public enum DrainState {
    /** Not leaving. */
    SERVING,
    /** New streams are refused, every client was told when to move; nothing is broken yet. */
    ASKING,
    /** Connection by connection is sent away. */
    MOVING,
    /** No stream is left; the port still answers. */
    DRAINED;

    /**
     * The one way from state to state.
     *
     * @throws IllegalStateException for a step that is not in the drawing
     */
    DrainState to(DrainState next) {
        boolean drawn = switch (this) {
            case SERVING -> next == ASKING;
            case ASKING -> next == MOVING || next == DRAINED || next == SERVING;
            case MOVING -> next == DRAINED;
            case DRAINED -> next == SERVING;
        };
        if (!drawn) {
            throw new IllegalStateException("a drain does not go from " + this + " to " + next);
        }
        return next;
    }
}
