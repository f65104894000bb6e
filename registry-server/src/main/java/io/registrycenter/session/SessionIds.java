package io.registrycenter.session;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Supplier;

/** Session ids nobody can guess: 128 random bits as 32 lower-case hexadecimal digits. Any thread; never waits for the disk. */
public final class SessionIds implements Supplier<String> {

    private static final int BYTES = 16;

    private final SecureRandom random;

    public SessionIds() {
        try {
            // Computes in memory once seeded; the platform's default reads a device file for each call.
            random = SecureRandom.getInstance("DRBG");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has DRBG", e);
        }
        // Seeds it, here and not on the first client's thread.
        random.nextBytes(new byte[BYTES]);
    }

    @Override
    public String get() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** How a session is named in logs: enough to find it, too little to use it. */
    static String shortened(String sessionId) {
        return sessionId.substring(0, Math.min(6, sessionId.length())) + "...";
    }
}
