package io.registrycenter.e2e.process;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a server's Prometheus endpoint says at one moment. Immutable. */
public record Metrics(List<String> lines) {

    static Metrics of(int httpPort) {
        return new Metrics(Actuator.get(httpPort, "prometheus").lines().toList());
    }

    /** Sum over all lines of a metric whose tags contain all of these, written {@code name="value"}. */
    public double sum(String metric, String... tags) {
        return lines.stream()
                .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                .filter(line -> List.of(tags).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Values of a counter by one of its tags, those above zero. */
    public Map<String, Long> by(String metric, String tag) {
        Map<String, Long> values = new TreeMap<>();
        String begin = tag + "=\"";
        for (String line : lines) {
            int at = line.indexOf(begin);
            if (line.startsWith(metric + "{") && at >= 0) {
                String value = line.substring(at + begin.length(), line.indexOf('"', at + begin.length()));
                long count = (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                if (count > 0) {
                    values.merge(value, count, Long::sum);
                }
            }
        }
        return values;
    }
}
