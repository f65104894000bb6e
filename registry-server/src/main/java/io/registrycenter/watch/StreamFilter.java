package io.registrycenter.watch;

import io.registrycenter.catalog.Interest;
import org.jspecify.annotations.Nullable;

/**
 * Which streams an operator asks for; what is empty or null matches any.
 *
 * @param namespace a subscription is on it
 * @param service a subscription covers it: on the service, or on its whole namespace
 * @param peer address of the other end, with or without its port
 */
public record StreamFilter(
        String namespace,
        String service,
        String peer,
        @Nullable StreamCondition condition) {

    public static final StreamFilter ANY = new StreamFilter("", "", "", null);

    /** Whether only streams with a certain subscription are wanted. */
    public boolean byInterest() {
        return !namespace.isEmpty() || !service.isEmpty();
    }

    boolean matches(Interest interest) {
        return (namespace.isEmpty() || interest.namespace().equals(namespace))
                && (service.isEmpty()
                        || interest.service().isEmpty()
                        || interest.service().equals(service));
    }

    /**
     * Whether a stream's other end is wanted.
     *
     * @param candidate {@code address:port}
     */
    public boolean matchesPeer(String candidate) {
        return peer.isEmpty()
                || candidate.equals(peer)
                || (candidate.length() > peer.length()
                        && candidate.startsWith(peer)
                        && candidate.charAt(peer.length()) == ':');
    }
}
