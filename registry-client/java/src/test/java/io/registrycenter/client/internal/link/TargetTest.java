package io.registrycenter.client.internal.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.RegistryClientBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an address of a server, and what is said about one that is not. */
class TargetTest {

    @ParameterizedTest
    @CsvSource({
        "registry-1:9090, registry-1, 9090, NAME, registry-1:9090",
        "registry-1, registry-1, 9090, NAME, registry-1:9090",
        "my_registry:8000, my_registry, 8000, NAME, my_registry:8000",
        "_grpc.my-registry.example.:1, _grpc.my-registry.example., 1, NAME, _grpc.my-registry.example.:1",
        "localhost:65535, localhost, 65535, NAME, localhost:65535",
        "dns:9090, dns, 9090, NAME, dns:9090",
        "dns:///registry:7000, registry, 7000, NAME, registry:7000",
        "dns:///registry, registry, 9090, NAME, registry:9090",
        "dns:///10.0.0.1, 10.0.0.1, 9090, ADDRESS, 10.0.0.1:9090",
        "127.0.0.1:9091, 127.0.0.1, 9091, ADDRESS, 127.0.0.1:9091",
        "127.0.0.1, 127.0.0.1, 9090, ADDRESS, 127.0.0.1:9090",
        "[::1]:9091, ::1, 9091, ADDRESS, [::1]:9091",
        "[2001:db8::7], 2001:db8::7, 9090, ADDRESS, [2001:db8::7]:9090",
        "[fe80::1%eth0]:9091, fe80::1%eth0, 9091, ADDRESS, [fe80::1]:9091",
    })
    void parse_good_isTakenApart(String text, String host, int port, Target.Kind kind, String authority) {
        Target target = Target.parse(text);
        assertThat(target).isEqualTo(new Target(text, host, port, kind));
        assertThat(target.authority()).isEqualTo(authority);
        client(text).build().close();
    }

    /** Each with what to write instead. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "http://h:9090 | write it without a scheme: h:9090",
                "grpc:///h:9090/ | write it without a scheme: h:9090",
                "ftp:///h | write it without a scheme: h",
                "https://h:9090 | write h:9090 and set tls(true)",
                "unix:///tmp/socket | write it without a scheme",
                "dns://8.8.8.8/h:9090 | write three slashes",
                "dns:h:9090 | write dns:///h:9090",
                "DNS:///h:9090 | write three slashes, without a name server of your own: dns:///h:9090",
                "::1:9090 | write [::1]:9090",
                "::1 | write [::1]:9090",
                "2001:db8::7 | write [2001:db8::7]:9090",
                "h:1:2 | there is one colon",
                "h:port | a port is a number of 1..65535",
                "h: | a port is a number of 1..65535",
                "h:0 | a port is a number of 1..65535",
                "h:65536 | a port is a number of 1..65535",
                "h:+80 | a port is a number of 1..65535",
                "h:9090/ | a port is a number of 1..65535",
                ":9090 | a host is a name",
                "\" h:9090\" | write it without blanks: h:9090",
                "\"h:9090 \" | write it without blanks: h:9090",
                "\"h :9090\" | write it without blanks",
                "\"h:9090\t\" | write it without blanks: h:9090",
                "\"\" | write for example 127.0.0.1:9090",
                "\"  \" | write for example 127.0.0.1:9090",
                "9090 | a host that ends in a number must be a whole IPv4 address",
                "1.2.3:9090 | a host that ends in a number must be a whole IPv4 address",
                "256.1.1.1:9090 | a host that ends in a number must be a whole IPv4 address",
                "0x7f.1:9090 | a host that ends in a number must be a whole IPv4 address",
                "[::1 | only an IPv6 address stands in brackets",
                "[::1]9090 | only an IPv6 address stands in brackets",
                "[127.0.0.1]:9090 | only an IPv6 address stands in brackets",
                "[h]:9090 | only an IPv6 address stands in brackets",
                "user@h:9090 | a host is a name",
                "h/path | a host is a name",
                "h..x:9090 | a host is a name",
                "*:9090 | a host is a name",
                "h,i:9090 | a host is a name",
                "b\u00fccher.example:9090 | xn-- form",
            })
    void build_bad_isRefusedWithTargetRuleAndWhatToWrite(String text, String instead) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client("127.0.0.1:9090", text).build())
                .withMessageStartingWith(
                        "target must be host:port or dns:///name:port, was \"" + text.replace('\t', '?') + "\": ")
                .withMessageContaining(instead);
    }

    @Test
    void build_veryLong_isRefusedInShort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client("h".repeat(100_000)).build())
                .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(600));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client("1".repeat(100_000) + ".").build());
    }

    /** No host name of Java's has one, so that its certificate would never be accepted. */
    @ParameterizedTest
    @ValueSource(strings = {"my_registry:9090", "dns:///my_registry"})
    void build_underscoreWithTls_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client(text).tls(true).build())
                .withMessageContaining(text)
                .withMessageContaining("tls")
                .withMessageContaining("'_'");
    }

    private static RegistryClientBuilder client(String... targets) {
        return RegistryClient.builder().target(targets);
    }
}
