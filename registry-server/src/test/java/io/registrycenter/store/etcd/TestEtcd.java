package io.registrycenter.store.etcd;

import java.util.concurrent.atomic.AtomicInteger;

/** One real etcd of one member for all tests of a JVM, started by the first that needs it; every history has its own prefix. */
public final class TestEtcd {

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private static final class Shared {
        static final EtcdCluster ETCD = EtcdCluster.start(1);
    }

    private TestEtcd() {}

    /** Where nothing is yet. */
    public static EtcdSettings anew() {
        return EtcdSettings.plain(Shared.ETCD.endpoints(), "/test-" + PREFIXES.incrementAndGet() + "/");
    }
}
