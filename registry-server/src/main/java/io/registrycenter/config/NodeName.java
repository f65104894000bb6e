package io.registrycenter.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.regex.Pattern;

/**
 * Name of this server as others see it.
 *
 * @param owner the name and a mark that is new with each start: what a session record names as its owner
 */
record NodeName(String value, String owner) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MOST = 64;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._:@-]{0,62}[A-Za-z0-9])?");

    /**
     * Holds a name that is set against the rule: it becomes part of keys and of logs.
     *
     * @throws SettingRefused that says the value and the rule
     */
    static void check(String set) {
        if (!set.isEmpty() && !NAME.matcher(set).matches()) {
            throw new SettingRefused(
                    "registry.node must be 1..64 characters of [A-Za-z0-9._:@-], starting and ending with a"
                            + " letter or digit, is \"" + set.replaceAll("\\p{Cntrl}", "?") + "\".");
        }
    }

    /** What is set, or the host's name with a mark. */
    static NodeName of(String set) {
        String value = set.isEmpty() ? fitting(host()) + "-" + mark(0x1_0000) : set;
        return new NodeName(value, value + ":" + mark(Integer.MAX_VALUE));
    }

    /** Nobody chose it, so what does not fit is left out instead of refused. */
    static String fitting(String host) {
        String fits = host.replaceAll("[^A-Za-z0-9._:@-]", "-").replaceAll("^[^A-Za-z0-9]+", "");
        return fits.isEmpty() ? "node" : fits.substring(0, Math.min(fits.length(), MOST - 5));
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "node";
        }
    }

    private static String mark(int bound) {
        return String.format("%04x", RANDOM.nextInt(bound));
    }
}
