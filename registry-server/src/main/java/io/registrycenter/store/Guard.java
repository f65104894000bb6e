package io.registrycenter.store;

/**
 * A condition of a transaction: the record was last written at exactly this revision.
 *
 * @param revision the record's last revision, or 0: there is no such record
 */
public record Guard(RecordKey key, long revision) {

    public static Guard absent(RecordKey key) {
        return new Guard(key, 0);
    }
}
