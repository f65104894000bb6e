package io.registrycenter.store.etcd;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach etcd, and what of it is ours. Immutable.
 *
 * @param endpoints members, {@code http://host:port} or {@code https://host:port}, at least one; tried in turn
 * @param prefix of every key, begins and ends with {@code /}; one history each
 * @param user empty: no authentication by password
 * @param caFile certificates to trust; null: those of the JVM
 * @param certFile our certificate, PEM; null: none is shown
 * @param keyFile its key, PEM, PKCS#8
 * @param requestTimeout how long a call may take, tries on other members included, 1 s or more
 * @param leaseTtl how long this server counts as alive after it was last heard of, 5 s or more
 * @param waitingBytes encoded bytes of commits that may wait or be under way
 * @param newEpoch takes what is there as the beginning of another history
 */
public record EtcdSettings(
        List<URI> endpoints,
        String prefix,
        String user,
        String password,
        @Nullable Path caFile,
        @Nullable Path certFile,
        @Nullable Path keyFile,
        Duration requestTimeout,
        Duration leaseTtl,
        long waitingBytes,
        boolean newEpoch) {

    private static final long MOST_WAITING_BYTES = 64L << 20;

    /** A commit that waits is there as words, encoded, and with its caller's request and answer. */
    private static final int HEAP_OF_WAITING = 3;

    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException(
                    "etcd's endpoints are http://host:port or https://host:port, at least one");
        }
        for (URI endpoint : endpoints) {
            if (!usable(endpoint)) {
                throw new IllegalArgumentException(
                        "each of etcd's endpoints must be http://host:port or https://host:port,"
                                + " a host name without '_', an IPv6 address in brackets, was \"" + endpoint + "\"");
            }
        }
        if (!prefix.startsWith("/") || !prefix.endsWith("/") || prefix.length() < 3) {
            throw new IllegalArgumentException("a prefix in etcd is like /registry/, not \"" + prefix + "\"");
        }
        if ((certFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException("a certificate for etcd comes with its key: set both files or none");
        }
    }

    /** Without authentication and TLS, for the members at these addresses. */
    public static EtcdSettings plain(List<URI> endpoints, String prefix) {
        return new EtcdSettings(
                endpoints,
                prefix,
                "",
                "",
                null,
                null,
                null,
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                MOST_WAITING_BYTES,
                false);
    }

    /** The same, beginning another history. */
    EtcdSettings withNewEpoch() {
        return new EtcdSettings(
                endpoints,
                prefix,
                user,
                password,
                caFile,
                certFile,
                keyFile,
                requestTimeout,
                leaseTtl,
                waitingBytes,
                true);
    }

    /** What may wait, given the part of the heap that there is for it. */
    public static long waitingBytes(long heapBytes) {
        return Math.min(MOST_WAITING_BYTES, heapBytes / HEAP_OF_WAITING);
    }

    private static boolean usable(URI endpoint) {
        return ("http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme()))
                && endpoint.getHost() != null
                && endpoint.getPort() > 0;
    }
}
