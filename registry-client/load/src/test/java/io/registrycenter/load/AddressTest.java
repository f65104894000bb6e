package io.registrycenter.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The address of a server that runs already. */
class AddressTest {

    @Test
    void address_good_isRead() {
        assertThat(RunOptions.address("127.0.0.1").getPort()).isEqualTo(9090);
        assertThat(RunOptions.address("localhost:7000").getPort()).isEqualTo(7000);
        assertThat(RunOptions.address("[::1]:7000").getAddress().isLoopbackAddress())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":1", "h:", "h:x", "h:0", "h:65536", "::1:9090", " h:1", "http://h:1", "[::1", "[::1]7"})
    void address_bad_isRefusedWithTheRule(String text) {
        assertThatIllegalStateException()
                .isThrownBy(() -> RunOptions.address(text))
                .withMessageStartingWith("--server must be HOST:PORT, was \"" + text + "\"");
    }
}
