package io.registrycenter.load.target;

import java.net.InetSocketAddress;

/**
 * A server to be measured.
 *
 * @param name `registry` or `yardstick`
 * @param grpc where it listens; loopback
 * @param pid its process
 */
public record Target(String name, InetSocketAddress grpc, long pid) {
    public static final String REGISTRY = "registry";
    public static final String YARDSTICK = "yardstick";

    public Target {
        if (!grpc.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    grpc + " is not on this machine: only servers on loopback are loaded and measured");
        }
    }

    public double cpuSeconds() {
        return ProcStat.cpuSeconds(pid);
    }
}
