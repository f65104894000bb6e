package io.registrycenter.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetersTest {

    @Test
    void theTableOfMetrics_listsEveryMetric_inOrder() throws IOException {
        var documented = Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `registry."))
                .toList();
        var expected = Arrays.stream(Meters.values())
                .map(meter -> "| `" + meter.meterName() + "` | "
                        + meter.kind().name().toLowerCase(Locale.ROOT) + " | "
                        + meter.tags().stream().map(tag -> "`" + tag + "` ").collect(Collectors.joining()) + "| "
                        + meter.description() + " |")
                .toList();
        assertThat(documented).isEqualTo(expected);
    }
}
