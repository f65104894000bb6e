package io.registrycenter.load.target;

import java.net.InetSocketAddress;

/**
 * A server to be measured.
 *
 * @param name one of those here
 * @param grpc where it listens; loopback
 * @param pid its process
 */
public record Target(String name, InetSocketAddress grpc, long pid) {
    public static final String REGISTRY = "registry";
    /** The registry on etcd instead of its own engine. */
    public static final String REGISTRY_ETCD = "registry-etcd";

    public static final String YARDSTICK = "yardstick";
    /** A member of etcd, without a registry. */
    public static final String ETCD = "etcd";

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
