package io.registrycenter.store.sqlite;

/** The switch {@code proof.size}: {@code small} (default) or {@code full}. */
final class ProofSize {

    private ProofSize() {}

    static int of(int small, int full) {
        return "full".equals(System.getProperty("proof.size")) ? full : small;
    }
}
