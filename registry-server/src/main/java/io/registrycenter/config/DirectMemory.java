package io.registrycenter.config;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * The limit of direct memory, in which requests and answers stand while they are read and written.
 *
 * <p>Each copy of Netty counts by itself, up to what the JVM allows for all: the gRPC server's, which is repackaged, and the HTTP
 * server's. So the limit is divided between them, before the classes of either are loaded.
 *
 * @param grpc bytes for the gRPC server, and for connections to etcd
 * @param http bytes for the HTTP server
 */
public record DirectMemory(long grpc, long http) {

    private static final String GRPC = "io.grpc.netty.shaded.io.netty.maxDirectMemory";
    private static final String HTTP = "io.netty.maxDirectMemory";

    /** Where {@code -XX:MaxDirectMemorySize} is not set, this share of the heap, but not less than works. */
    private static final int HEAP_SHARE = 4;

    private static final long LEAST = 64L << 20;
    private static final int HTTP_SHARE = 4;

    /** Sets the limits, but for one that was set on the command line of the JVM. */
    public static void limit() {
        DirectMemory parts = of(Runtime.getRuntime().maxMemory(), maxDirectMemorySize());
        setUnlessSet(GRPC, parts.grpc());
        setUnlessSet(HTTP, parts.http());
    }

    /**
     * Divides what there is.
     *
     * @param set {@code -XX:MaxDirectMemorySize}; 0: not set
     */
    static DirectMemory of(long heap, long set) {
        long all = set > 0 ? set : Math.max(LEAST, heap / HEAP_SHARE);
        long http = all / HTTP_SHARE;
        return new DirectMemory(all - http, http);
    }

    /** What is in effect. */
    static DirectMemory inEffect() {
        DirectMemory parts = of(Runtime.getRuntime().maxMemory(), maxDirectMemorySize());
        return new DirectMemory(Long.getLong(GRPC, parts.grpc()), Long.getLong(HTTP, parts.http()));
    }

    private static void setUnlessSet(String property, long bytes) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Long.toString(bytes));
        }
    }

    private static long maxDirectMemorySize() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return jvm == null
                ? 0
                : Long.parseLong(jvm.getVMOption("MaxDirectMemorySize").getValue());
    }
}
