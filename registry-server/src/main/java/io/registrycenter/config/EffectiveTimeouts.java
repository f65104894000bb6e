package io.registrycenter.config;

import io.registrycenter.http.TimeoutsEndpoint.Rule;
import io.registrycenter.http.TimeoutsEndpoint.Value;
import io.registrycenter.http.TimeoutsEndpoint.Verdict;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Every duration of the settings and every rule between them, as operators see them. */
final class EffectiveTimeouts {

    private EffectiveTimeouts() {}

    static List<Value> values(Settings settings) {
        List<Value> values = new ArrayList<>();
        for (Record properties : settings.all()) {
            for (RecordComponent component : properties.getClass().getRecordComponents()) {
                if (component.getType() == Duration.class) {
                    values.add(value(properties, component));
                }
            }
        }
        return values;
    }

    private static Value value(Record properties, RecordComponent component) {
        Range range = component.getAnnotation(Range.class);
        Object value = Ranges.value(properties, component);
        return new Value(
                Ranges.name(properties.getClass(), component),
                value == null ? null : Notation.of(value),
                value instanceof Duration duration ? duration.toMillis() : null,
                range == null ? "" : range.min() + ".." + range.max());
    }

    static List<Rule> rules(Settings settings) {
        return TimeoutRules.of(
                        settings.watch(),
                        settings.session(),
                        settings.grpc(),
                        settings.drain(),
                        settings.http(),
                        settings.client(),
                        settings.intermediary())
                .stream()
                .map(EffectiveTimeouts::rule)
                .toList();
    }

    private static Rule rule(TimeoutRule rule) {
        if (!rule.checked()) {
            return new Rule(
                    rule.formula(),
                    rule.withValues(),
                    Verdict.NOT_CHECKED,
                    "set the other side so that it is checked; otherwise " + rule.reason());
        }
        return new Rule(
                rule.formula(),
                rule.withValues(),
                rule.holds() ? Verdict.PASS : Verdict.FAIL,
                "otherwise " + rule.reason());
    }
}
