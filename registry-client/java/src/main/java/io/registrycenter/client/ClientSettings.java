package io.registrycenter.client;

import io.registrycenter.client.internal.link.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set about a client.
 *
 * @param targets at least one, see {@link RegistryClientBuilder#target}
 * @param readTimeout no frame on the watch stream for this long ends it; above the server's heartbeat interval and timeout
 * @param connectTimeout an attempt without a first frame for this long has failed
 * @param callTimeout deadline of every unary call
 * @param closeTimeout how long {@code close} waits
 * @param resetHold how long instances are kept that a registry with another history does not have; zero: not at all
 * @param sessionTtl how long this provider may be silent; zero: the server's default
 * @param cacheDirectory where views are remembered for the next process; null: nowhere
 */
public record ClientSettings(
        List<String> targets,
        String name,
        String version,
        String namespace,
        boolean tls,
        Duration readTimeout,
        Duration connectTimeout,
        Duration callTimeout,
        Duration closeTimeout,
        Duration resetHold,
        Duration sessionTtl,
        @Nullable Path cacheDirectory) {

    public ClientSettings {
        targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("target must be given at least once, for example 127.0.0.1:9090");
        }
        for (String target : targets) {
            if (Target.parse(target).withoutCertificate() && tls) {
                throw new IllegalArgumentException("target must not have '_' in its name where tls is true, was \""
                        + target + "\": Java accepts no certificate for such a name, so give the server another one");
            }
        }
        Map.of(
                        "readTimeout", readTimeout,
                        "connectTimeout", connectTimeout,
                        "callTimeout", callTimeout,
                        "closeTimeout", closeTimeout)
                .forEach((setting, duration) -> {
                    if (duration.isNegative() || duration.isZero()) {
                        throw new IllegalArgumentException(setting + " must be positive, was " + duration);
                    }
                });
        Map.of("resetHold", resetHold, "sessionTtl", sessionTtl).forEach((setting, duration) -> {
            if (duration.isNegative()) {
                throw new IllegalArgumentException(setting + " must be 0 or positive, was " + duration);
            }
        });
    }
}
