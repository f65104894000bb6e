package io.registrycenter.client;

/** The size of every proof: small for {@code verify}, full for {@code verify -Pfull}. */
public final class Proof {

    private static final boolean FULL = "full".equals(System.getProperty("proof.size"));

    private Proof() {}

    /** How many times to do something. */
    public static int times(int small, int full) {
        return FULL ? full : small;
    }
}
