package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.store.StoreException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnknownHostTest {

    @Test
    void open_nameThatNobodyKnows_saysThatTheNameIsNotKnown() {
        EtcdSettings settings = new EtcdSettings(
                List.of(URI.create("http://etcd.invalid:2379")),
                "/registry/",
                "",
                "",
                null,
                null,
                null,
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                1 << 20,
                false);
        assertThatThrownBy(() -> EtcdStore.open(settings, false, Duration.ZERO))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll("registry.etcd.endpoints", "name service");
    }
}
