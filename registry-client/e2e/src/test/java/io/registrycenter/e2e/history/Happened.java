package io.registrycenter.e2e.history;

/**
 * One change as a watcher from the first revision on was told it.
 *
 * @param key service and id
 * @param removal the reason, empty for a put
 * @param token the request that registered what is put
 * @param status of a put
 */
public record Happened(long revision, String key, String removal, String token, String status) {

    boolean isPut() {
        return removal.isEmpty();
    }
}
