package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.config.NeighbourProperties.Client;
import io.registrycenter.config.NeighbourProperties.Http;
import io.registrycenter.config.NeighbourProperties.Intermediary;
import io.registrycenter.http.TimeoutsEndpoint.Rule;
import io.registrycenter.http.TimeoutsEndpoint.Value;
import io.registrycenter.http.TimeoutsEndpoint.Verdict;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SettingsTest {

    private static final List<Class<?>> RECORDS = List.of(
            RegistryProperties.class,
            StoreProperties.class,
            EtcdProperties.class,
            WatchProperties.class,
            SessionProperties.class,
            GrpcProperties.class,
            DrainProperties.class,
            MemoryProperties.class,
            Http.class,
            Client.class,
            Intermediary.class);

    @Test
    void defaults_keepEveryRangeAndRule() {
        assertThat(settings(Map.of()).watch().heartbeatInterval()).hasSeconds(20);
    }

    @Test
    void theTableOfProperties_listsEveryProperty_withDefaultAndRange_inOrder() throws IOException {
        List<List<String>> documented = Files.readAllLines(Path.of("docs/configuration.md")).stream()
                .filter(line -> line.startsWith("| `registry."))
                .map(SettingsTest::firstThreeCells)
                .toList();
        List<List<String>> expected = new ArrayList<>();
        for (Class<?> properties : RECORDS) {
            for (RecordComponent component : properties.getRecordComponents()) {
                DefaultValue byDefault = defaultOf(properties, component);
                Range range = component.getAnnotation(Range.class);
                expected.add(List.of(
                        "`" + Ranges.name(properties, component) + "`",
                        byDefault == null || String.join("", byDefault.value()).isEmpty()
                                ? ""
                                : "`" + byDefault.value()[0] + "`",
                        range == null ? "" : "`" + range.min() + "`..`" + range.max() + "`"));
            }
        }
        assertThat(documented).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "/", "a b", "-a", "a:", "\u00fcber", "line\nbreak"})
    void nodeNameThatCannotBeAKey_isRefused_withTheRule(String name) {
        assertThatThrownBy(() -> settings(Map.of("registry.node", name)))
                .isInstanceOf(SettingRefused.class)
                .hasMessageContaining(
                        "registry.node must be 1..64 characters of [A-Za-z0-9._:@-], starting and ending with"
                                + " a letter or digit, is \"" + name.replace('\n', '?') + "\".");
        NodeName.check(NodeName.of("").value());
        NodeName.check(NodeName.fitting(name) + "-0000");
    }

    @Test
    void nodeName_asLongAsMayBe_isTaken() {
        String longest = "a".repeat(64);
        assertThat(settings(Map.of("registry.node", longest)).registry().node()).isEqualTo(longest);
        assertThatThrownBy(() -> settings(Map.of("registry.node", longest + "a")))
                .isInstanceOf(SettingRefused.class);
        NodeName.check(NodeName.fitting(longest + longest) + "-0000");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.watch.heartbeat-interval, 50ms, registry.watch.heartbeat-interval must be 100ms..10m; is 50ms.",
        "registry.session.ttl, 1s, registry.session.ttl must be 5s..10m; is 1s.",
        "registry.watch.history-bytes, 1KB, registry.watch.history-bytes must be 64KB..1GB; is 1024B.",
        "registry.grpc.event-loops, 65, registry.grpc.event-loops must be 0..64; is 65.",
    })
    void valueOutsideItsRange_isRefused_withTheRange(String property, String value, String sentence) {
        assertThatThrownBy(() -> settings(Map.of(property, value)))
                .isInstanceOf(SettingRefused.class)
                .hasMessage(sentence.replace(';', ','));
    }

    @Test
    void allowedHost_thatIsNone_isRefused_withTheValue() {
        assertThat(settings(Map.of("registry.http.allowed-hosts", "a.example.com,10.0.0.7"))
                        .http()
                        .allowedHosts())
                .containsExactly("a.example.com", "10.0.0.7");
        assertThatThrownBy(() -> settings(Map.of("registry.http.allowed-hosts", "http://a.example.com")))
                .isInstanceOf(SettingRefused.class)
                .hasMessage(
                        "registry.http.allowed-hosts must be host names or addresses without scheme, port and path, was"
                                + " \"http://a.example.com\".");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.watch.idle-timeout, 20s, heartbeat-interval (20s), idle-timeout (20s)",
        "registry.watch.client-read-timeout, 30s, client-read-timeout (30s), together (30s)",
        "registry.grpc.tcp-user-timeout, 55s, tcp-user-timeout (55s), together (55s)",
        "registry.watch.stall-timeout, 36s, tcp-user-timeout (1m), together (61s)",
        "registry.http.keep-alive, 50s, pool-max-idle (50s), keep-alive (50s)",
        "registry.intermediary.idle-timeout, 40s, heartbeat-interval (20s), idle-timeout (40s)",
        "registry.session.heartbeat-interval, 8s, heartbeat-interval (8s), ttl (15s)",
        "registry.drain.timeout, 22s, graces after it (30s), shutdown-limit (30s)",
        "registry.drain.shutdown-limit, 28s, graces after it (28s), shutdown-limit (28s)",
    })
    void timeoutsThatDoNotGoTogether_areRefused_withBothValues(
            String property, String value, String one, String other) {
        assertThatThrownBy(() -> settings(Map.of(property, value)))
                .isInstanceOf(SettingRefused.class)
                .hasMessageContaining(one)
                .hasMessageContaining(other);
    }

    @Test
    void theListOfRules_isTheListThatIsChecked() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("docs/configuration.md")).stream()
                .filter(line -> line.startsWith("- `registry."))
                .map(line -> line.substring(2).replace("`", ""))
                .toList();
        assertThat(documented)
                .isEqualTo(EffectiveTimeouts.rules(settings(Map.of())).stream()
                        .map(Rule::rule)
                        .toList());
    }

    @Test
    void effectiveTimeouts_haveEveryDuration_andEveryRuleItsVerdict() {
        Settings settings = settings(Map.of("registry.watch.heartbeat-interval", "7s"));
        assertThat(EffectiveTimeouts.values(settings))
                .contains(new Value("registry.watch.heartbeat-interval", "7s", 7_000L, "100ms..10m"))
                .contains(new Value("registry.intermediary.idle-timeout", null, null, "1s..24h"));
        assertThat(EffectiveTimeouts.rules(settings))
                .filteredOn(rule -> rule.verdict() != Verdict.PASS)
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.verdict()).isEqualTo(Verdict.NOT_CHECKED);
                    assertThat(rule.rule()).contains("registry.intermediary.idle-timeout");
                    assertThat(rule.values()).isEqualTo("7s < (not set) / 2");
                });
        assertThat(EffectiveTimeouts.rules(settings(Map.of("registry.intermediary.idle-timeout", "50s"))))
                .allMatch(rule -> rule.verdict() == Verdict.PASS);
    }

    private static List<String> firstThreeCells(String row) {
        return Arrays.stream(row.split("\\|"))
                .skip(1)
                .limit(3)
                .map(String::strip)
                .toList();
    }

    private static @Nullable DefaultValue defaultOf(Class<?> properties, RecordComponent component) {
        return Arrays.stream(properties.getDeclaredConstructors()[0].getParameters())
                .filter(parameter -> parameter.getName().equals(component.getName()))
                .findFirst()
                .map(parameter -> parameter.getAnnotation(DefaultValue.class))
                .orElse(null);
    }

    static Settings settings(Map<String, String> values) {
        Binder binder = new Binder(new MapConfigurationPropertySource(values));
        return new Settings(
                bind(binder, RegistryProperties.class),
                bind(binder, StoreProperties.class),
                bind(binder, EtcdProperties.class),
                bind(binder, WatchProperties.class),
                bind(binder, SessionProperties.class),
                bind(binder, GrpcProperties.class),
                bind(binder, DrainProperties.class),
                bind(binder, MemoryProperties.class),
                bind(binder, Http.class),
                bind(binder, Client.class),
                bind(binder, Intermediary.class));
    }

    private static <T> T bind(Binder binder, Class<T> properties) {
        return binder.bindOrCreate(
                properties.getAnnotation(ConfigurationProperties.class).prefix(), Bindable.of(properties));
    }
}
