package io.registrycenter.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RulesTest {

    private static final Endpoint ENDPOINT = new Endpoint("grpc", "10.0.0.1", 8080, true);

    private static Instance instance(List<Endpoint> endpoints, String zone, int weight, Map<String, String> metadata) {
        return new Instance("orders", "a:1", endpoints, zone, weight, metadata, InstanceStatus.UP, 0, 0);
    }

    private static void assertInvalid(String field, ThrowingCallable check) {
        assertThatExceptionOfType(Refusal.InvalidInput.class)
                .isThrownBy(check)
                .satisfies(refusal -> assertThat(refusal.field()).isEqualTo(field));
    }

    @Test
    void name_atItsBounds_isAccepted() {
        assertThatCode(() -> {
                    Rules.namespace("n".repeat(64));
                    Rules.service("a");
                    Rules.service("a.b_c:d@e-f9");
                    Rules.instanceId("1".repeat(128));
                })
                .doesNotThrowAnyException();
    }

    @Test
    void name_breakingItsRule_isNamedWithItsField() {
        assertInvalid("namespace", () -> Rules.namespace("n".repeat(65)));
        for (String bad : List.of("", "-a", "a-", ".", "a/b", "a b", "ä", "a\n", "x".repeat(129))) {
            assertInvalid("service", () -> Rules.service(bad));
        }
        assertInvalid("instance_id", () -> Rules.instanceId("a/b"));
    }

    @Test
    void instance_complete_isAccepted() {
        List<Endpoint> endpoints = Collections.nCopies(16, ENDPOINT);
        assertInvalid("instance.endpoints[1].name", () -> Rules.instance(instance(endpoints, "z", 0, Map.of())));
        Rules.instance(instance(List.of(ENDPOINT), "z".repeat(64), 10_000, Map.of("k", "v")));
        Rules.instance(instance(List.of(), "", 0, Map.of()));
    }

    @Test
    void instance_fieldBreakingItsRule_isNamed() {
        assertInvalid("instance.weight", () -> Rules.instance(instance(List.of(), "", -1, Map.of())));
        assertInvalid("instance.weight", () -> Rules.instance(instance(List.of(), "", 10_001, Map.of())));
        assertInvalid("instance.zone", () -> Rules.instance(instance(List.of(), "z".repeat(65), 1, Map.of())));
        for (int port : new int[] {-1, 0, 65_536}) {
            assertInvalid(
                    "instance.endpoints[0].port",
                    () -> Rules.instance(instance(List.of(new Endpoint("a", "h", port, false)), "", 1, Map.of())));
        }
        assertInvalid(
                "instance.endpoints[1].host",
                () -> Rules.instance(instance(List.of(ENDPOINT, new Endpoint("b", "", 1, false)), "", 1, Map.of())));
        assertInvalid(
                "instance.endpoints[0].name",
                () -> Rules.instance(instance(List.of(new Endpoint("", "h", 1, false)), "", 1, Map.of())));
        assertInvalid("instance.metadata", () -> Rules.instance(instance(List.of(), "", 1, Map.of("", "v"))));
    }

    @Test
    void instance_tooManyOrTooLong_isALimitWithoutRetry() {
        assertLimit(
                "instance-endpoints",
                "instance.endpoints",
                16,
                17,
                () -> Rules.instance(instance(Collections.nCopies(17, ENDPOINT), "", 1, Map.of())));
        assertLimit(
                "metadata-entries",
                "instance.metadata",
                64,
                65,
                () -> Rules.instance(instance(List.of(), "", 1, entries(65))));
        assertLimit(
                "metadata-entry-bytes",
                "instance.metadata[k]",
                1_024,
                1_025,
                () -> Rules.instance(instance(List.of(), "", 1, Map.of("k", "v".repeat(1_024)))));
        assertLimit(
                "metadata-entry-bytes",
                "instance.metadata[" + "k".repeat(64) + "...]",
                1_024,
                1_100,
                () -> Rules.instance(instance(List.of(), "", 1, Map.of("k".repeat(1_100), ""))));
        Rules.instance(instance(List.of(), "", 1, entries(64)));
        Rules.instance(instance(List.of(), "", 1, Map.of("k", "v".repeat(1_023))));
    }

    @Test
    void instance_over16KiB_isALimitWithoutRetry() {
        Map<String, String> metadata = new HashMap<>();
        for (int i = 0; i < 17; i++) {
            metadata.put("k" + i, "v".repeat(1_000));
        }
        assertThatExceptionOfType(Refusal.LimitExceeded.class)
                .isThrownBy(() -> Rules.instance(instance(List.of(), "", 1, metadata)))
                .satisfies(refusal -> {
                    assertThat(refusal.limit()).isEqualTo("instance-bytes");
                    assertThat(refusal.allowed()).isEqualTo(16_384);
                    assertThat(refusal.actual()).isGreaterThan(17_000);
                    assertThat(refusal.retryAfter()).isZero();
                });
    }

    @Test
    void sessionId_notOurs_isRefusedWithoutBeingEchoed() {
        String shouted = "ABCDEF0123456789ABCDEF0123456789";
        assertThatExceptionOfType(Refusal.InvalidInput.class)
                .isThrownBy(() -> Rules.sessionId("resume.session_id", shouted))
                .satisfies(refusal -> {
                    assertThat(refusal.getMessage()).doesNotContain(shouted.substring(0, 5));
                    assertThat(refusal.field()).isEqualTo("resume.session_id");
                });
        assertInvalid("session_id", () -> Rules.sessionId("session_id", ""));
        assertInvalid("session_id", () -> Rules.sessionId("session_id", "a".repeat(31)));
        Rules.sessionId("session_id", "0123456789abcdef".repeat(2));
    }

    @Test
    void shortTexts_overTheirBounds_areNamed() {
        Rules.requestId("");
        assertInvalid("request_id", () -> Rules.requestId("r".repeat(65)));
        assertInvalid("resume.attempt", () -> Rules.attempt("resume.attempt", ""));
        assertInvalid("hello.client.name", () -> Rules.client("hello.client", new ClientInfo("n".repeat(65), "", "")));
        assertInvalid("hello.client.version", () -> Rules.client("hello.client", new ClientInfo("", "v\u0007", "")));
        assertInvalid(
                "hello.client.instance", () -> Rules.client("hello.client", new ClientInfo("", "", "i".repeat(129))));
    }

    @Test
    void ttl_outsideItsRange_isRefused() {
        Rules.ttl("open.ttl_ms", Duration.ZERO);
        Rules.ttl("open.ttl_ms", Duration.ofSeconds(5));
        Rules.ttl("open.ttl_ms", Duration.ofMinutes(10));
        assertInvalid("open.ttl_ms", () -> Rules.ttl("open.ttl_ms", Duration.ofMillis(4_999)));
        assertInvalid("open.ttl_ms", () -> Rules.ttl("open.ttl_ms", Duration.ofMillis(600_001)));
        assertInvalid("open.ttl_ms", () -> Rules.ttl("open.ttl_ms", Duration.ofMillis(-1)));
    }

    @Test
    void interest_breakingARule_isNamed() {
        Rules.interest("interest", new Interest("shop", "", Map.of("k", "v")));
        assertInvalid("interest.namespace", () -> Rules.interest("interest", new Interest("", "orders", Map.of())));
        assertInvalid(
                "subscribe.interest.service",
                () -> Rules.interest("subscribe.interest", new Interest("shop", "a/b", Map.of())));
        assertInvalid(
                "interest.labels", () -> Rules.interest("interest", new Interest("shop", "orders", Map.of("", ""))));
        assertLimit(
                "interest-labels",
                "interest.labels",
                16,
                17,
                () -> Rules.interest("interest", new Interest("shop", "orders", entries(17))));
        assertLimit(
                "label-bytes",
                "interest.labels[k]",
                1_024,
                1_025,
                () -> Rules.interest("interest", new Interest("shop", "orders", Map.of("k", "v".repeat(1_024)))));
    }

    private static Map<String, String> entries(int count) {
        Map<String, String> entries = new HashMap<>();
        for (int i = 0; i < count; i++) {
            entries.put("k" + i, "");
        }
        return entries;
    }

    private static void assertLimit(String limit, String field, long allowed, long actual, ThrowingCallable call) {
        assertThatExceptionOfType(Refusal.LimitExceeded.class).isThrownBy(call).satisfies(refusal -> {
            assertThat(refusal.limit()).isEqualTo(limit);
            assertThat(refusal.field()).isEqualTo(field);
            assertThat(refusal.allowed()).isEqualTo(allowed);
            assertThat(refusal.actual()).isEqualTo(actual);
            assertThat(refusal.retryAfter()).isZero();
        });
    }

    @Provide
    Arbitrary<String> goodNames() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars("._:@-")
                .ofMinLength(1)
                .ofMaxLength(128)
                .filter(name -> name.matches("[A-Za-z0-9].*") && name.matches(".*[A-Za-z0-9]"));
    }

    @Property(tries = 200)
    void everyNameOfTheDocumentedFormIsAccepted(@ForAll("goodNames") String name) {
        Rules.service(name);
    }

    @Property(tries = 500)
    void aNameIsAcceptedExactlyWhenItHasTheDocumentedForm(@ForAll String name) {
        boolean documented = name.length() <= 128 && name.matches("[A-Za-z0-9]([A-Za-z0-9._:@-]*[A-Za-z0-9])?");
        if (documented) {
            Rules.service(name);
        } else {
            assertInvalid("service", () -> Rules.service(name));
        }
    }

    @Property(tries = 500)
    void utf8LengthIsWhatTheEncoderWrites(@ForAll String text) {
        int written = text.getBytes(StandardCharsets.UTF_8).length;
        // The encoder replaces half a pair by one byte; protobuf and we allow three for it.
        int halves = (int) text.codePoints()
                .filter(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
                .count();
        assertThat(InstanceSize.utf8(text)).isEqualTo(written + 2 * halves);
    }
}
