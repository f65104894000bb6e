package io.registrycenter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registrycenter.memory.MemoryBudget;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryRulesTest {

    private static final long MB = 1L << 20;
    private static final DirectMemory DIRECT = DirectMemory.of(128 * MB, 0);

    private static MemoryBudget budget(long heapMb, Map<String, String> settings) {
        return MemoryRules.budget(heapMb * MB, DIRECT, SettingsTest.settings(settings));
    }

    @Test
    void defaults_fitASmallHeap_andHistoryIsCappedInALargeOne() {
        assertThat(budget(128, Map.of()).history()).isBetween(30 * MB, 44 * MB);
        assertThat(budget(4_096, Map.of()).history()).isEqualTo(256 * MB);
        assertThat(budget(4_096, Map.of("registry.watch.history-node-bytes", "1GB"))
                        .history())
                .isEqualTo(1_024 * MB);
    }

    @Test
    void history_thatDoesNotFit_isRefused_withBothValuesAndTheRule() {
        assertThatThrownBy(() -> budget(128, Map.of("registry.watch.history-node-bytes", "256MB")))
                .isInstanceOf(SettingRefused.class)
                .hasMessageContainingAll(
                        "registry.watch.history-node-bytes (256MB) must be at most 35MB",
                        "registry.memory.fraction (0.5)",
                        "128MB");
    }

    @Test
    void aHeap_withoutRoomForMoreThanTheProgram_isRefused() {
        assertThatThrownBy(() -> budget(48, Map.of()))
                .isInstanceOf(SettingRefused.class)
                .hasMessageContainingAll("48MB", "at least 60MB");
    }

    @Test
    void aWindow_thatIsMostOfTheDirectMemory_isRefused() {
        assertThatThrownBy(() -> budget(128, Map.of("registry.grpc.flow-control-window", "32MB")))
                .isInstanceOf(SettingRefused.class)
                .hasMessageContainingAll(
                        "registry.grpc.flow-control-window (32MB)", "a quarter", "direct memory for gRPC (48MB");
    }

    @Test
    void fraction_outsideItsRange_isRefused() {
        assertThatThrownBy(() -> SettingsTest.settings(Map.of("registry.memory.fraction", "0.9")))
                .isInstanceOf(SettingRefused.class)
                .hasMessage("registry.memory.fraction must be 0.05..0.8, is 0.9.");
    }

    @Test
    void directMemory_isDivided_betweenTheCopiesOfNetty() {
        assertThat(DirectMemory.of(128 * MB, 0)).isEqualTo(new DirectMemory(48 * MB, 16 * MB));
        assertThat(DirectMemory.of(1_024 * MB, 0)).isEqualTo(new DirectMemory(192 * MB, 64 * MB));
        assertThat(DirectMemory.of(1_024 * MB, 80 * MB))
                .as("as set for the JVM")
                .isEqualTo(new DirectMemory(60 * MB, 20 * MB));
    }
}
