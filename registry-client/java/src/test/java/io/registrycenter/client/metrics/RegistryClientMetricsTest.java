package io.registrycenter.client.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.ResyncReason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RegistryClientMetricsTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(registry\\.client\\.[a-z]+)` \\|");

    private static RegistryClient client() {
        return RegistryClient.builder().target("127.0.0.1:1").build();
    }

    @Test
    void bind_freshClient_showsNoEndingAndEveryOtherSeriesAtZero() {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (RegistryClient client = client()) {
            new RegistryClientMetrics(client, List.of(Tag.of("client", "shop"))).bindTo(registry);
            assertThat(registry.get(RegistryClientMetrics.CONNECTED)
                            .tags("stream", "watch", "client", "shop")
                            .gauge()
                            .value())
                    .isZero();
            assertThat(registry.find(RegistryClientMetrics.RECONNECTS).functionCounters())
                    .isEmpty();
            assertThat(registry.find(RegistryClientMetrics.RESYNCS).functionCounters())
                    .hasSize(ResyncReason.values().length);
            assertThat(registry.get(RegistryClientMetrics.STALENESS).timeGauge().value())
                    .isZero();
        }
    }

    @Test
    @Timeout(60)
    void ending_first_bringsItsSeries() throws InterruptedException {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (RegistryClient client = client()) {
            firstEnding(client, registry);
            assertThat(registry.get(RegistryClientMetrics.RECONNECTS)
                            .tags(
                                    "stream",
                                    "watch",
                                    "cause",
                                    "CONNECT_REFUSED",
                                    "phase",
                                    "connecting",
                                    "expected",
                                    "false")
                            .functionCounters())
                    .hasSize(1);
        }
    }

    /** Nobody listens at the client's target. */
    private static void firstEnding(RegistryClient client, MeterRegistry registry) throws InterruptedException {
        CountDownLatch first = new CountDownLatch(1);
        new RegistryClientMetrics(client).bindTo(registry);
        // Told after the meters were.
        client.statistics().onNewEnding(ending -> first.countDown());
        client.watch("orders", change -> {});
        assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Timeout(60)
    void readme_tableOfMeters_namesThemAll() throws IOException, InterruptedException {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (RegistryClient client = client()) {
            firstEnding(client, registry);
        }
        TreeSet<String> documented = new TreeSet<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("README.md")));
        while (row.find()) {
            documented.add(row.group(1));
        }
        TreeSet<String> real = new TreeSet<>();
        registry.getMeters().stream().map(Meter::getId).forEach(id -> real.add(id.getName()));
        assertThat(documented).isEqualTo(real);
    }

    @Test
    @Timeout(60)
    void client_withoutMicrometer_worksAndOnlyTheMetersAreMissing() throws IOException, InterruptedException {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String without = Arrays.stream(all.split(Pattern.quote(File.pathSeparator), -1))
                .filter(entry -> !entry.contains("micrometer"))
                .collect(Collectors.joining(File.pathSeparator));
        assertThat(without).isNotEqualTo(all);
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        without,
                        WithoutMicrometer.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(program.waitFor()).as("exit code").isZero();
        } finally {
            program.destroyForcibly();
        }
    }
}
