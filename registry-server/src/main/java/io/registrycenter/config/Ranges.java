package io.registrycenter.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/** Checks properties against the {@link Range} that stands on them. Runs once, at start-up. */
final class Ranges {

    private Ranges() {}

    /**
     * Checks every component of a properties record.
     *
     * @throws SettingRefused that names the property, its value and its range
     */
    static void check(Record properties) {
        for (RecordComponent component : properties.getClass().getRecordComponents()) {
            Range range = component.getAnnotation(Range.class);
            Object value = range == null ? null : value(properties, component);
            if (range != null && value != null) {
                check(name(properties.getClass(), component), value, range);
            }
        }
    }

    /** The property a component is bound to, for example {@code registry.watch.idle-timeout}. */
    static String name(Class<?> properties, RecordComponent component) {
        ConfigurationProperties prefix = properties.getAnnotation(ConfigurationProperties.class);
        StringBuilder name = new StringBuilder();
        for (char c : component.getName().toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('-');
            }
            name.append(Character.toLowerCase(c));
        }
        return ConfigurationPropertyName.of(prefix.prefix())
                .append(name.toString())
                .toString();
    }

    private static void check(String name, Object value, Range range) {
        boolean inside = switch (value) {
            case Duration duration -> within(duration, duration(range.min()), duration(range.max()));
            case DataSize size -> within(size, DataSize.parse(range.min()), DataSize.parse(range.max()));
            case Double number -> within(number, Double.valueOf(range.min()), Double.valueOf(range.max()));
            case Integer number -> within(number, Integer.valueOf(range.min()), Integer.valueOf(range.max()));
            default -> throw new IllegalStateException(name + " has a range, but no order is known for it");
        };
        if (!inside) {
            throw new SettingRefused(
                    name + " must be " + range.min() + ".." + range.max() + ", is " + Notation.of(value) + ".");
        }
    }

    private static <T extends Comparable<T>> boolean within(T value, T min, T max) {
        return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
    }

    private static Duration duration(String text) {
        return DurationStyle.detectAndParse(text);
    }

    /** The value of a component; null: not set. */
    static @Nullable Object value(Record properties, RecordComponent component) {
        try {
            return component.getAccessor().invoke(properties);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a record component can be read", e);
        }
    }
}
