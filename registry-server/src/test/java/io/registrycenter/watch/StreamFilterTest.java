package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.catalog.Interest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamFilterTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "shop, '', true",
        "shop, orders, true",
        "'', orders, true",
        "shop, payments, false",
        "bank, orders, false"
    })
    void interestOfAService_isWanted_whenNamespaceAndServiceAre(String namespace, String service, boolean wanted) {
        StreamFilter filter = new StreamFilter(namespace, service, "", null);
        assertThat(filter.matches(new Interest("shop", "orders", Map.of()))).isEqualTo(wanted);
    }

    @Test
    void interestOfANamespace_coversEveryService() {
        StreamFilter filter = new StreamFilter("shop", "orders", "", null);
        assertThat(filter.matches(new Interest("shop", "", Map.of()))).isTrue();
        assertThat(filter.matches(new Interest("bank", "", Map.of()))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "10.0.0.7, true",
        "10.0.0.7:4711, true",
        "10.0.0.7:471, false",
        "10.0.0, false",
        "10.0.0.70, false"
    })
    void peer_isWanted_byAddressOrByAddressAndPort(String peer, boolean wanted) {
        assertThat(new StreamFilter("", "", peer, null).matchesPeer("10.0.0.7:4711"))
                .isEqualTo(wanted);
    }
}
