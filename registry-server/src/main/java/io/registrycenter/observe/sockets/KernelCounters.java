package io.registrycenter.observe.sockets;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counters of {@code /proc/net/snmp} and {@code netstat}: pairs of lines with the same prefix, names above their values.
 */
final class KernelCounters {

    private KernelCounters() {}

    /**
     * The counters of one prefix.
     *
     * @param prefix for example {@code Tcp:}
     * @return empty when the prefix is not there
     */
    static Map<String, Long> of(List<String> lines, String prefix) {
        Map<String, Long> counters = new HashMap<>();
        for (int i = 0; i + 1 < lines.size(); i++) {
            String[] names = lines.get(i).split("\\s+", -1);
            String[] values = lines.get(i + 1).split("\\s+", -1);
            if (names[0].equals(prefix) && values[0].equals(prefix)) {
                for (int column = 1; column < Math.min(names.length, values.length); column++) {
                    counters.put(names[column], value(values[column]));
                }
                return counters;
            }
        }
        return counters;
    }

    private static long value(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException beyondLong) {
            return 0;
        }
    }
}
