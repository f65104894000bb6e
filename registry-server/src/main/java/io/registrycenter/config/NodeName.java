package io.registrycenter.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;

/**
 * Name of this server as others see it.
 *
 * @param owner the name and a mark that is new with each start: what a session record names as its owner
 */
record NodeName(String value, String owner) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** What is set, or the host's name with a mark. */
    static NodeName of(String set) {
        String value = set.isEmpty() ? host() + "-" + mark(0x1_0000) : set;
        return new NodeName(value, value + ":" + mark(Integer.MAX_VALUE));
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
