package io.registrycenter.config;

import io.registrycenter.store.etcd.EtcdSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How to reach etcd; read when {@code registry.store=etcd}.
 *
 * @param endpoints members, tried in turn
 * @param prefix of every key; servers with the same one are one registry
 * @param user empty: no password is sent
 * @param caFile certificates to trust for https, PEM; unset: those of the JVM
 * @param certFile our certificate, PEM
 * @param keyFile its key, PEM
 * @param requestTimeout how long a commit or a read may take, tries on other members included
 * @param leaseTtl how long this server counts as alive after etcd last heard of it
 * @param maxBackfill revisions that a starting server reads from the past, so that it can resume clients by delta
 */
@ConfigurationProperties(prefix = "registry.etcd")
public record EtcdProperties(
        @DefaultValue("http://127.0.0.1:2379") List<String> endpoints,
        @DefaultValue("/registry/") String prefix,
        @DefaultValue("") String user,
        @DefaultValue("") String password,
        @Nullable Path caFile,
        @Nullable Path certFile,
        @Nullable Path keyFile,
        @DefaultValue("5s") @Range(min = "1s", max = "1m") Duration requestTimeout,
        @DefaultValue("15s") @Range(min = "5s", max = "5m") Duration leaseTtl,

        @DefaultValue("100000") @Range(min = "0", max = "10000000")
        int maxBackfill) {

    /** @throws SettingRefused when the values cannot be used */
    EtcdSettings settings(boolean newEpoch) {
        return settings(newEpoch, Long.MAX_VALUE);
    }

    /**
     * The same, within less memory.
     *
     * @param waitingHeapBytes of the heap for commits that wait or are under way
     */
    EtcdSettings settings(boolean newEpoch, long waitingHeapBytes) {
        try {
            return new EtcdSettings(
                    endpoints.stream().map(URI::create).toList(),
                    prefix,
                    user,
                    password,
                    caFile,
                    certFile,
                    keyFile,
                    requestTimeout,
                    leaseTtl,
                    EtcdSettings.waitingBytes(waitingHeapBytes),
                    newEpoch);
        } catch (IllegalArgumentException e) {
            throw new SettingRefused("registry.etcd: " + e.getMessage() + ".");
        }
    }

    /** Without the password: this ends up in logs. */
    @Override
    public String toString() {
        return "etcd at " + endpoints + ", prefix " + prefix;
    }
}
