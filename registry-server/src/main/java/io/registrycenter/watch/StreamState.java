package io.registrycenter.watch;

/** Where a {@link WatchStream} stands; the drawing is there. */
public enum StreamState {
    /** Hello has not come. */
    NEW,
    OPEN,
    /** Its end is handed to the transport; nothing is written any more. */
    ENDING,
    CLOSED;

    /** Where a stream that stands here stands next. */
    StreamState to(StreamState next) {
        boolean legal = switch (next) {
            case NEW -> false;
            case OPEN -> this == NEW;
            case ENDING -> this == NEW || this == OPEN;
            case CLOSED -> this != CLOSED;
        };
        if (!legal) {
            throw new IllegalStateException("a watch stream does not go from " + this + " to " + next);
        }
        return next;
    }
}
