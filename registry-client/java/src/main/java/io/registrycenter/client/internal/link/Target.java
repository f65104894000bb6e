package io.registrycenter.client.internal.link;

import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.shaded.io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The address of a server, or of several behind one name, as a user writes it: {@code host:port} or {@code dns:///name:port}.
 * Immutable.
 *
 * <p>A host is a name of letters, digits, {@code -}, {@code _} and dots, an IPv4 address, or an IPv6 address in brackets. The port
 * may be left out; it is {@value #DEFAULT_PORT} then, the server's default. A target with another scheme is passed on whole where
 * a name resolver for it is registered with gRPC.
 *
 * @param text as it was written
 * @param host name or address without brackets; empty where gRPC's own resolver finds the servers
 * @param port 1..65535; 0 where gRPC's own resolver finds the servers
 * @param kind what the host is
 */
public record Target(String text, String host, int port, Kind kind) {

    /** What a target says. */
    public enum Kind {
        /** One address: nothing is looked up. */
        ADDRESS,
        /** A name that is looked up. */
        NAME,
        /** Something that a name resolver of gRPC's registry understands. */
        FOREIGN
    }

    public static final int DEFAULT_PORT = 9090;

    private static final String RULE = "target must be host:port or dns:///name:port, was \"";
    private static final String SCHEME_END = "://";
    private static final String DNS = "dns:///";
    private static final int MAX_NAME = 253;
    private static final int MAX_SHOWN = 200;
    private static final int MAX_PORT = 65_535;
    private static final char NO_BREAK_SPACE = '\u00a0';

    /** Labels of 1 to 63 characters; a dot at the end makes a name absolute. */
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\\.?");

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    /** What Java and C libraries take for an IPv4 address in an odd notation, such as {@code 9090} or {@code 1.2.3}. */
    private static final Pattern NUMBERS = Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9a-fA-F]*)\\.?");

    /**
     * Reads a target.
     *
     * @throws IllegalArgumentException when it breaks the rule; the message says target, rule and what to write instead
     */
    public static Target parse(String text) {
        if (text.isBlank()) {
            throw refused(text, "write for example 127.0.0.1:" + DEFAULT_PORT);
        }
        if (blanks(text)) {
            String bare = text.strip();
            throw refused(text, "write it without blanks" + (!blanks(bare) && parses(bare) ? ": " + bare : ""));
        }
        int schemeEnd = text.indexOf(SCHEME_END);
        if (text.startsWith(DNS)) {
            return hostAndPort(text, text.substring(DNS.length()));
        }
        return schemeEnd >= 0 ? foreign(text, schemeEnd) : hostAndPort(text, text);
    }

    private static boolean blanks(String text) {
        return text.chars()
                .anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c) || c == NO_BREAK_SPACE);
    }

    private static Target foreign(String text, int schemeEnd) {
        String scheme = text.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        String rest = text.substring(schemeEnd + SCHEME_END.length());
        NameResolverProvider known = scheme.equals("dns")
                ? null
                : NameResolverRegistry.getDefaultRegistry().getProviderForScheme(scheme);
        if (known != null && known.getProducedSocketAddressTypes().contains(InetSocketAddress.class)) {
            return new Target(text, "", 0, Kind.FOREIGN);
        }
        String bare = rest.replaceAll("^/+", "").replaceAll("/$", "");
        boolean useful = parses(bare);
        throw switch (scheme) {
            case "dns" ->
                refused(
                        text,
                        "write three slashes, without a name server of your own: dns:///"
                                + (useful ? bare : "name:port"));
            case "https", "grpcs" -> refused(text, "write " + (useful ? bare : "host:port") + " and set tls(true)");
            default -> refused(text, "write it without a scheme" + (useful ? ": " + bare : ""));
        };
    }

    private static Target hostAndPort(String text, String address) {
        boolean bracketed = address.startsWith("[");
        int close = address.indexOf(']');
        int colon = bracketed && close < 0 ? -1 : address.indexOf(':', bracketed ? close : 0);
        String host = colon < 0 ? address : address.substring(0, colon);
        if (!bracketed && colon >= 0 && address.indexOf(':', colon + 1) >= 0) {
            throw refused(text, moreThanOneColon(address));
        }
        int number = colon < 0 ? DEFAULT_PORT : port(text, address.substring(colon + 1));
        if (bracketed) {
            String inside = host.endsWith("]") ? host.substring(1, host.length() - 1) : "";
            if (!NetUtil.isValidIpV6Address(inside)) {
                throw refused(text, "only an IPv6 address stands in brackets, such as [::1]:" + DEFAULT_PORT);
            }
            return new Target(text, inside, number, Kind.ADDRESS);
        }
        if (NetUtil.isValidIpV4Address(host)) {
            return new Target(text, host, number, Kind.ADDRESS);
        }
        checkName(text, host);
        return new Target(text, host, number, Kind.NAME);
    }

    private static int port(String text, String port) {
        int number = PORT.matcher(port).matches() ? Integer.parseInt(port) : 0;
        if (number < 1 || number > MAX_PORT) {
            throw refused(
                    text, "a port is a number of 1.." + MAX_PORT + "; left out with its colon it is " + DEFAULT_PORT);
        }
        return number;
    }

    private static void checkName(String text, String host) {
        if (host.length() <= MAX_NAME && NUMBERS.matcher(host).matches()) {
            throw refused(text, "a host that ends in a number must be a whole IPv4 address, such as 127.0.0.1");
        }
        if (host.length() > MAX_NAME || !NAME.matcher(host).matches()) {
            throw refused(
                    text,
                    "a host is a name of 1.." + MAX_NAME
                            + " letters, digits, '-', '_' and dots (other letters in their xn-- form),"
                            + " an IPv4 address, or an IPv6 address in brackets");
        }
    }

    private static String moreThanOneColon(String address) {
        int last = address.lastIndexOf(':');
        String before = address.substring(0, last);
        if (address.startsWith("dns:") && parses(address.substring("dns:".length()))) {
            return "write dns:///" + address.substring("dns:".length());
        }
        if (NetUtil.isValidIpV6Address(before) && parses("[" + before + "]" + address.substring(last))) {
            return "an IPv6 address stands in brackets, so that its port can be told apart: write [" + before + "]"
                    + address.substring(last);
        }
        if (NetUtil.isValidIpV6Address(address)) {
            return "an IPv6 address stands in brackets: write [" + address + "]:" + DEFAULT_PORT;
        }
        return "there is one colon, between host and port, and an IPv6 address stands in brackets";
    }

    private static boolean parses(String text) {
        try {
            return !text.isEmpty() && !text.contains(SCHEME_END) && parse(text).port() > 0;
        } catch (IllegalArgumentException other) {
            return false;
        }
    }

    private static IllegalArgumentException refused(String text, String instead) {
        String shown = text.replaceAll("\\p{Cntrl}", "?");
        return new IllegalArgumentException(RULE
                + (shown.length() <= MAX_SHOWN ? shown : shown.substring(0, MAX_SHOWN) + "...") + "\": " + instead);
    }

    /**
     * What stands for the server in HTTP/2 and, with TLS, in its certificate. Without the zone of an IPv6 address, which means
     * something on this machine alone.
     */
    String authority() {
        int zone = host.indexOf('%');
        String bare = zone < 0 ? host : host.substring(0, zone);
        return (bare.indexOf(':') >= 0 ? "[" + bare + "]" : bare) + ":" + port;
    }

    /** Whether it may stand for several servers. */
    boolean several() {
        return kind == Kind.FOREIGN || text.startsWith(DNS);
    }

    /** Whether no certificate can be for it: Java knows no host name with {@code _}. */
    public boolean withoutCertificate() {
        return kind == Kind.NAME && host.indexOf('_') >= 0;
    }
}
