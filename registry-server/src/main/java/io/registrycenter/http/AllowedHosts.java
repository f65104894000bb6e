package io.registrycenter.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names by which this server may be asked over HTTP to change something: the loopback ones, and what an operator allows.
 * Immutable.
 */
public final class AllowedHosts {

    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.[0-9]{1,3}){3}");
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\\[?[0-9a-f:.]*:[0-9a-f:.]*]?");

    private final Set<String> configured;

    /**
     * Takes what is configured.
     *
     * @param names host names or addresses without a port, of any case; IPv6 with or without brackets
     * @throws IllegalArgumentException that names the first value which is none of these
     */
    public AllowedHosts(Collection<String> names) {
        this.configured = names.stream().map(AllowedHosts::checked).collect(Collectors.toUnmodifiableSet());
    }

    private static String checked(String name) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        if (!NAME.matcher(lower).matches()) {
            throw new IllegalArgumentException(
                    "must be host names or addresses without scheme, port and path, was \"" + name + "\"");
        }
        return bare(lower);
    }

    /**
     * Whether a request may name this server so.
     *
     * @param authority value of a {@code Host} header: a name or an address, with or without a port
     */
    boolean contains(String authority) {
        String host = host(authority);
        return host.equals("localhost")
                || LOOPBACK_V4.matcher(host).matches()
                || host.equals("::1")
                || configured.contains(host);
    }

    /** Whether an operator has allowed the host of an origin, which then is that of a proxy in front of this server. */
    boolean configured(String origin) {
        try {
            URI uri = new URI(origin);
            return uri.getHost() != null
                    && uri.getPort() == -1
                    && configured.contains(bare(uri.getHost().toLowerCase(Locale.ROOT)));
        } catch (URISyntaxException nonsense) {
            return false;
        }
    }

    private static String host(String authority) {
        String lower = authority.toLowerCase(Locale.ROOT);
        int bracket = lower.lastIndexOf(']');
        int colon = lower.lastIndexOf(':');
        return bare(colon > bracket ? lower.substring(0, colon) : lower);
    }

    /** Without brackets, and without the dot that ends a full name. */
    private static String bare(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return host.substring(1, host.length() - 1);
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
