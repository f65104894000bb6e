package io.registrycenter.load.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcStatTest {
    @Test
    void cpuSeconds_nameWithSpacesAndParentheses_sumsUserAndSystem() {
        String stat = "4711 (a (b) c) S 1 4711 4711 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 30 0 12345 1 2";

        assertThat(ProcStat.cpuSeconds(stat)).isEqualTo(3.0);
    }

    @Test
    void residentBytes_status_readsKilobytes() {
        assertThat(ProcStat.residentBytes("Name:\tjava\nVmHWM:\t  9 kB\nVmRSS:\t  2048 kB\n"))
                .isEqualTo(2048 * 1024);
    }

    @Test
    void total_classHistogram_readsTheBytes() {
        String histogram = " num  #instances  #bytes  class name\n   1:  10  480  [B\nTotal  12  5000\n";

        assertThat(Jcmd.total(histogram)).isEqualTo(5000);
        assertThatThrownBy(() -> Jcmd.total("no such process")).hasMessageContaining("no such process");
    }
}
