package io.registrycenter.store.etcd;

import io.grpc.Status;
import io.registrycenter.store.StoreException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says which setting to look at when etcd cannot be reached at the start. Decided by status code and type, never by text. Stateless. */
final class OpeningAdvice {

    private OpeningAdvice() {}

    /** The same trouble with advice, where there is some. */
    static StoreException on(StoreException trouble, EtcdSettings settings) {
        String advice = advice(trouble.getCause(), settings);
        return advice == null
                ? trouble
                : new StoreException(trouble.kind(), trouble.getMessage() + "; " + advice, trouble);
    }

    /** Whether the same question may be answered later: not what says that a setting is wrong. */
    static boolean mayPass(StoreException trouble) {
        Throwable cause = trouble.getCause();
        return cause != null
                && switch (Troubles.of(Troubles.status(cause))) {
                    case UNKNOWN, NOT_NOW -> !tls(cause);
                    case WHO_ARE_YOU -> false;
                    // An operator may be about to disarm it.
                    case REFUSED -> Alarms.of(Troubles.status(cause)) != null;
                };
    }

    private static boolean tls(Throwable failure) {
        for (Throwable cause = Troubles.status(failure).getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException
                    || cause instanceof CertificateException
                    || cause instanceof CertPathValidatorException
                    || cause instanceof CertPathBuilderException) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable String advice(@Nullable Throwable cause, EtcdSettings settings) {
        if (cause == null) {
            return null;
        }
        boolean named = !settings.user().isEmpty();
        return switch (Troubles.status(cause).getCode()) {
            case UNAUTHENTICATED, INVALID_ARGUMENT ->
                named
                        ? "etcd does not take this user with this password, or its authentication is off: see"
                                + " registry.etcd.user and registry.etcd.password"
                        : "etcd asks who this server is: set registry.etcd.user and registry.etcd.password";
            case PERMISSION_DENIED ->
                "the user needs a role that may read and write everything under registry.etcd.prefix ("
                        + settings.prefix() + ")";
            case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN -> transport(cause, settings);
            default -> null;
        };
    }

    private static String transport(Throwable failure, EtcdSettings settings) {
        boolean tls = false;
        for (Throwable cause = Status.fromThrowable(failure).getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    || cause instanceof CertPathValidatorException
                    || cause instanceof CertPathBuilderException) {
                return "this server does not trust etcd's certificate, or it is for another host: see"
                        + " registry.etcd.ca-file and registry.etcd.endpoints";
            }
            if (cause instanceof UnknownHostException) {
                return "a name in registry.etcd.endpoints is not known to the name service: see its spelling, and the DNS that"
                        + " this machine asks";
            }
            tls |= cause instanceof SSLException;
        }
        if (tls) {
            return "TLS failed: see registry.etcd.endpoints (is it https?), registry.etcd.cert-file and"
                    + " registry.etcd.key-file";
        }
        boolean https = settings.endpoints().stream().anyMatch(endpoint -> "https".equals(endpoint.getScheme()));
        return https
                ? "see that etcd runs at registry.etcd.endpoints with TLS, and that it takes the certificate of"
                        + " registry.etcd.cert-file"
                : "see that etcd runs at registry.etcd.endpoints, without TLS";
    }
}
