package io.registrycenter.load.measure;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints figures: JSON lines for programs on one stream, the same for people on the other. Keeps what belongs to one
 * target, so that medians and the ratios of targets are printed at the end. Confined to one thread.
 */
public final class Figures {
    /** A ratio is one of these to one that stands further right. */
    private static final List<String> TARGETS = List.of("registry-etcd", "registry", "yardstick", "etcd");

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

    /** Prints the median of each figure, and its ratios of one target to another, pair by pair, where both were measured. */
    public void summary() {
        for (Map.Entry<Key, List<Double>> entry : values.entrySet()) {
            Key key = entry.getKey();
            Spread spread = Spread.of(entry.getValue());
            spread(key.name() + ".median", spread, key.unit(), Map.of("target", key.target()));
            for (String other : TARGETS.subList(TARGETS.indexOf(key.target()) + 1, TARGETS.size())) {
                List<Double> those = values.get(new Key(key.name(), key.unit(), other));
                if (those != null) {
                    ratio(key.name(), key.target() + "/" + other, entry.getValue(), those);
                }
            }
        }
    }

    private void ratio(String name, String unit, List<Double> these, List<Double> those) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(these.size(), those.size()); i++) {
            double ratio = these.get(i) / those.get(i);
            if (Double.isFinite(ratio)) {
                ratios.add(ratio);
            }
        }
        if (!ratios.isEmpty()) {
            spread(name + ".ratio", Spread.of(ratios), unit, Map.of());
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
