package io.registrycenter.client.metrics;

import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.StreamKind;

/** A program without Micrometer: ends with 0 when the client works and only its meters are missing. */
final class WithoutMicrometer {

    private static final int WORKS = 0;
    private static final int HAS_MICROMETER = 3;

    private WithoutMicrometer() {}

    public static void main(String[] arguments) throws ClassNotFoundException {
        try (RegistryClient client =
                RegistryClient.builder().target("127.0.0.1:1").build()) {
            client.watch("orders", change -> {});
            if (client.statistics().connected(StreamKind.WATCH)) {
                throw new IllegalStateException("nobody listens there");
            }
        }
        System.exit(hasMeters() ? HAS_MICROMETER : WORKS);
    }

    private static boolean hasMeters() throws ClassNotFoundException {
        try {
            return Class.forName("io.registrycenter.client.metrics.RegistryClientMetrics")
                            .getConstructors()
                            .length
                    > 0;
        } catch (NoClassDefFoundError missing) {
            return false;
        }
    }
}
