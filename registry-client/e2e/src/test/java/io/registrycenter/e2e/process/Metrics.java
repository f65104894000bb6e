package io.registrycenter.e2e.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a server's Prometheus endpoint says at one moment. Immutable. */
public record Metrics(List<String> lines) {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    static Metrics of(int httpPort) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + httpPort + "/actuator/prometheus"))
                .timeout(TIMEOUT)
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError("metrics answered " + response.statusCode());
            }
            return new Metrics(response.body().lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while asking for metrics", e);
        }
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
