package io.registrycenter.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void toJson_anyParams_isOneLineWithEscapes() {
        Figure figure = new Figure("a.b", 1234.56, "1/s", Map.of("x", 2, "name", "q\"\\\n", "rate", 0.123456));

        assertThat(figure.toJson())
                .isEqualTo("{\"figure\":\"a.b\",\"value\":1235,\"unit\":\"1/s\",\"params\":"
                        + "{\"name\":\"q\\\"\\\\\\u000a\",\"rate\":0.1235,\"x\":2}}");
    }

    @Test
    void toJson_notANumber_isNull() {
        assertThat(new Figure("f", Double.NaN, "s", Map.of()).toJson()).contains("\"value\":null");
    }

    @Test
    void of_evenCount_medianIsBetween() {
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4, 4));
    }

    @Test
    void summary_bothTargets_printsTheRatioPairByPair() {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Figures figures = new Figures(
                new PrintStream(json, true, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                Map.of());
        figures.add("f", 2, "s", "registry", 0);
        figures.add("f", 4, "s", "yardstick", 0);
        figures.add("f", 9, "s", "registry", 1);
        figures.add("f", 3, "s", "yardstick", 1);

        figures.summary();

        assertThat(json.toString(StandardCharsets.UTF_8))
                .contains("{\"figure\":\"f.ratio\",\"value\":1.75,\"unit\":\"registry/yardstick\","
                        + "\"params\":{\"max\":3.0,\"min\":0.5,\"rounds\":2}}");
    }
}
