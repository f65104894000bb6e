package io.registrycenter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

    private final AllowedHosts hosts = new AllowedHosts(List.of("Registry.example.com", "10.1.2.3", "[2001:db8::7]"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:8080",
                "localhost.",
                "127.0.0.1",
                "127.9.8.7:80",
                "[::1]",
                "[::1]:8080",
                "registry.example.com",
                "REGISTRY.example.com:8443",
                "registry.example.com.",
                "10.1.2.3:8080",
                "[2001:db8::7]:8080",
            })
    void a_loopback_name_or_a_configured_one_is_allowed_with_any_port(String authority) {
        assertThat(hosts.contains(authority)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com",
                "localhost.example.com",
                "127.0.0.1.example.com",
                "example.com:127.0.0.1",
                "10.1.2.4",
                "[2001:db8::8]",
                "registry.example.com.example.org",
            })
    void any_other_is_not(String authority) {
        assertThat(hosts.contains(authority)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://registry.example.com", "registry.example.com:80", "a/b", "-", "a b"})
    void what_is_no_host_is_refused_with_the_value(String value) {
        assertThatThrownBy(() -> new AllowedHosts(List.of("localhost", value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("must be host names or addresses without scheme, port and path, was \"" + value + "\"");
    }
}
