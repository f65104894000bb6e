package io.registrycenter.load.measure;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints figures: JSON lines for programs on one stream, the same for people on the other. Keeps what belongs to one
 * target, so that medians and the ratio of registry to yardstick are printed at the end. Confined to one thread.
 */
public final class Figures {
    private static final String REGISTRY = "registry";
    private static final String YARDSTICK = "yardstick";

    private final PrintStream json;
    private final PrintStream people;
    private final Map<String, Object> params;
    private final Map<Key, List<Double>> values = new LinkedHashMap<>();

    private record Key(String name, String unit, String target) {}

    public Figures(PrintStream json, PrintStream people, Map<String, Object> params) {
        this.json = json;
        this.people = people;
        this.params = params;
    }

    /** Prints one value of one round, and remembers it. */
    public void add(String name, double value, String unit, String target, int round) {
        values.computeIfAbsent(new Key(name, unit, target), key -> new ArrayList<>())
                .add(value);
        print(name, value, unit, Map.of("target", target, "round", round));
    }

    /** Prints a figure that is of no round. */
    public void print(String name, double value, String unit, Map<String, Object> more) {
        Map<String, Object> all = new LinkedHashMap<>(params);
        all.putAll(more);
        json.println(new Figure(name, value, unit, all).toJson());
        json.flush();
    }

    /** Prints the median of each figure, and registry : yardstick, pair by pair, where both were measured. */
    public void summary() {
        for (Map.Entry<Key, List<Double>> entry : values.entrySet()) {
            Key key = entry.getKey();
            Spread spread = Spread.of(entry.getValue());
            spread(key.name() + ".median", spread, key.unit(), Map.of("target", key.target()));
            List<Double> bare = values.get(new Key(key.name(), key.unit(), YARDSTICK));
            if (key.target().equals(REGISTRY) && bare != null) {
                ratio(key.name(), entry.getValue(), bare);
            }
        }
    }

    private void ratio(String name, List<Double> registry, List<Double> yardstick) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(registry.size(), yardstick.size()); i++) {
            double ratio = registry.get(i) / yardstick.get(i);
            if (Double.isFinite(ratio)) {
                ratios.add(ratio);
            }
        }
        if (!ratios.isEmpty()) {
            spread(name + ".ratio", Spread.of(ratios), "registry/yardstick", Map.of());
        }
    }

    private void spread(String name, Spread spread, String unit, Map<String, Object> more) {
        Map<String, Object> all = new LinkedHashMap<>(more);
        all.put("min", spread.min());
        all.put("max", spread.max());
        all.put("rounds", spread.count());
        print(name, spread.median(), unit, all);
        people.printf(
                "%-48s %-10s %14.4g %-20s [%.4g .. %.4g] of %d%n",
                name,
                more.getOrDefault("target", ""),
                spread.median(),
                unit,
                spread.min(),
                spread.max(),
                spread.count());
    }
}
