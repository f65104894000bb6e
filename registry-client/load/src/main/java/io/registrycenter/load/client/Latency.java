package io.registrycenter.load.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Joins when revisions were sent with when they arrived.
 *
 * @param delivery nanoseconds from the writer's send to each watcher
 * @param last nanoseconds to the last watcher of each change
 */
public record Latency(Histogram delivery, Histogram last) {
    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(2);

    public static Latency join(List<Arrivals> sends, List<Arrivals> arrivals) {
        Map<Long, Long> sentNanos = new HashMap<>();
        for (Arrivals part : sends) {
            for (int i = 0; i < part.size(); i++) {
                sentNanos.put(part.revision(i), part.nanos(i));
            }
        }
        Histogram delivery = new Histogram(MAX_NANOS, 3);
        Map<Long, Long> slowest = new HashMap<>();
        for (Arrivals part : arrivals) {
            for (int i = 0; i < part.size(); i++) {
                Long sent = sentNanos.get(part.revision(i));
                if (sent != null) {
                    long nanos = Math.clamp(part.nanos(i) - sent, 0, MAX_NANOS);
                    delivery.recordValue(nanos);
                    slowest.merge(part.revision(i), nanos, Math::max);
                }
            }
        }
        Histogram last = new Histogram(MAX_NANOS, 3);
        slowest.values().forEach(last::recordValue);
        return new Latency(delivery, last);
    }
}
