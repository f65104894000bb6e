package io.registrycenter.load.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about a process. Stateless. */
public final class ProcStat {
    /** USER_HZ, the unit of /proc/[pid]/stat, is 100 on every architecture Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    private ProcStat() {}

    /** Processor seconds a process has used, user and system, all threads; steps of 10 ms. */
    public static double cpuSeconds(long pid) {
        return cpuSeconds(read("/proc/" + pid + "/stat"));
    }

    /** Resident memory of a process, bytes. */
    public static long residentBytes(long pid) {
        return residentBytes(read("/proc/" + pid + "/status"));
    }

    static double cpuSeconds(String stat) {
        // the name, in parentheses, may itself hold spaces and parentheses
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
    }

    static long residentBytes(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no VmRSS"));
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
