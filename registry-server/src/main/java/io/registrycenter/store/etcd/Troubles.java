package io.registrycenter.store.etcd;

import io.grpc.Status;
import io.registrycenter.store.StoreException;
import java.util.concurrent.CompletionException;

/** What etcd's refusals mean. Decided by status code, never by text. Stateless. */
final class Troubles {

    /** What a failed call says about the request. */
    enum Meaning {
        /** It was not carried out, and the same again may well be. */
        NOT_NOW,
        /** Nobody knows whether it was carried out. */
        UNKNOWN,
        /** Whoever we said we are is not believed any more; it was not carried out. */
        WHO_ARE_YOU,
        /** It was refused for good. */
        REFUSED
    }

    private Troubles() {}

    static Meaning of(Status status) {
        if (Alarms.of(status) != null) {
            return Meaning.REFUSED;
        }
        return switch (status.getCode()) {
            // Also what etcd says when a leader changed after it took a proposal: outcome open.
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS -> Meaning.UNKNOWN;
            case RESOURCE_EXHAUSTED -> Meaning.NOT_NOW;
            case UNAUTHENTICATED -> Meaning.WHO_ARE_YOU;
            default -> Meaning.REFUSED;
        };
    }

    /**
     * Whether a request had more in it than this etcd takes. Only the words of {@code rpctypes/error.go} tell these from other
     * bad requests.
     */
    static boolean isTooLarge(Status status) {
        String words = status.getDescription() == null ? "" : status.getDescription();
        return words.contains("too many operations in txn request") || words.contains("request is too large");
    }

    static Status status(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return Status.fromThrowable(cause);
    }

    /** For whoever waits for the store. */
    static StoreException asStoreException(String what, Throwable failure) {
        if (failure instanceof StoreException known) {
            return known;
        }
        if (failure instanceof CompletionException && failure.getCause() instanceof StoreException known) {
            return known;
        }
        Status status = status(failure);
        Alarms.Alarm alarm = Alarms.of(status);
        if (alarm != null) {
            return new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    what + ": etcd says " + status.getCode() + " (" + status.getDescription() + "); " + alarm.clause(),
                    failure);
        }
        StoreException.Kind kind = switch (status.getCode()) {
            case RESOURCE_EXHAUSTED -> StoreException.Kind.OVERLOADED;
            case OUT_OF_RANGE -> StoreException.Kind.COMPACTED;
            default -> StoreException.Kind.UNAVAILABLE;
        };
        return new StoreException(
                kind,
                what + ": etcd says " + status.getCode()
                        + (status.getDescription() == null ? "" : " (" + status.getDescription() + ")"),
                failure);
    }
}
