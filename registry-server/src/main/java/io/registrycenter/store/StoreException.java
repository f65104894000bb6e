package io.registrycenter.store;

/** The store cannot do what was asked; the message is one sentence for an operator and names what to do. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Kind {
        /** Another process has the data. */
        LOCKED,
        /** The data is damaged, or not ours. Nothing was overwritten. */
        CORRUPT,
        /** The system lacks or refuses something outside of the data: a library, a directory, room, a name. The data is as it was. */
        ENVIRONMENT,
        /** The disk or the engine failed, or the store is closed. */
        UNAVAILABLE,
        /** There is data already, or a file, and nobody said that it may go. Nothing was changed. */
        OCCUPIED,
        /** The queue of waiting transactions is full. */
        OVERLOADED,
        /** Whoever asked for the commit wants it no more. Nothing was changed. */
        UNWANTED,
        /** The revision is below the floor. */
        COMPACTED
    }

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What a commit fails with that is not {@link Judgement#wanted} any more. */
    public static StoreException unwanted() {
        return new StoreException(Kind.UNWANTED, "its caller is gone; nothing was changed");
    }

    public Kind kind() {
        return kind;
    }
}
