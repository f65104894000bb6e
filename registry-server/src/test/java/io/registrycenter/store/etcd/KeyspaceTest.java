package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.store.RecordKey;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyspaceTest {

    private final Keyspace keys = new Keyspace("/r/");

    @Test
    void record_everyKind_isFoundAgain() {
        for (RecordKey key : List.of(
                new RecordKey.OfSession("s1"),
                new RecordKey.OfInstance(new InstanceKey("prod", "orders", "a")),
                new RecordKey.OfNode("node:1"))) {
            assertThat(keys.record(keys.of(key))).isEqualTo(key);
        }
    }

    @Test
    void record_keysOfTheEngine_areNone() {
        assertThat(keys.record(keys.epoch)).isNull();
        assertThat(keys.record(keys.compacted)).isNull();
        assertThat(keys.record(keys.absent)).isNull();
        assertThat(keys.record(keys.tick)).isNull();
        assertThat(keys.end).isEqualTo(ByteString.copyFromUtf8("/r0"));
    }

    @Test
    void older_versions_areComparedByNumbers() {
        assertThat(Opening.older("3.4.23", "3.5.28")).isTrue();
        assertThat(Opening.older("3.5.9", "3.5.28")).isTrue();
        assertThat(Opening.older("3.5.28", "3.5.28")).isFalse();
        assertThat(Opening.older("3.6.0-rc.1", "3.5.28")).isFalse();
    }

    @Test
    void settings_thatCannotWork_areRefused() {
        List<URI> endpoint = List.of(URI.create("http://127.0.0.1:2379"));
        assertThatThrownBy(() -> EtcdSettings.plain(List.of(), "/r/")).hasMessageContaining("endpoints");
        assertThatThrownBy(() -> EtcdSettings.plain(List.of(URI.create("etcd://127.0.0.1:2379")), "/r/"))
                .hasMessageContaining("http://host:port");
        for (String bad : List.of("http://my_etcd:2379", "http://h:port", "http://h", "etcd:2379", "//h:2379")) {
            assertThatThrownBy(() -> EtcdSettings.plain(List.of(endpoint.getFirst(), URI.create(bad)), "/r/"))
                    .hasMessageContaining("endpoints must be http://host:port or https://host:port")
                    .hasMessageEndingWith("was \"" + bad + "\"");
        }
        assertThatThrownBy(() -> EtcdSettings.plain(endpoint, "r")).hasMessageContaining("prefix");
    }
}
