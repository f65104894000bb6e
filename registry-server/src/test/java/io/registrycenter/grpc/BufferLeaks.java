package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * Netty's own detector of buffers that were collected without a release, which also knows the thread each was made on: that
 * tells a server's from a client's in one JVM. Netty is told of it by a system property of the test JVM.
 *
 * <p>For any thread; one {@link Watch} at a time.
 */
public final class BufferLeaks extends ResourceLeakDetector<Object> {

    private static final int MAX_FOUND = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String LOST_ON_PURPOSE = "lost-on-purpose";
    private static final Queue<String> FOUND = new ArrayBlockingQueue<>(MAX_FOUND);
    private static final AtomicInteger WATCHES = new AtomicInteger();

    /** Called by Netty. */
    public BufferLeaks(Class<?> type, int samplingInterval) {
        super(type, samplingInterval);
    }

    /** Looked up by Netty too, for callers of old; the limit has no effect. */
    public BufferLeaks(Class<?> type, int samplingInterval, long maxActive) {
        this(type, samplingInterval);
    }

    @Override
    protected Object getInitialHint(String resourceType) {
        return "made in watch " + WATCHES.get() + " on "
                + Thread.currentThread().getName();
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        boolean kept = FOUND.offer(records);
        if (!kept || !records.contains(LOST_ON_PURPOSE)) {
            super.reportTracedLeak(resourceType, records);
        }
    }

    /** Every buffer is watched, until it is closed; else it is one in a hundred or so. */
    static Watch watch() {
        return new Watch(WATCHES.incrementAndGet());
    }

    /** From its beginning to its end. */
    static final class Watch implements AutoCloseable {

        private final Level before = getLevel();
        private final int number;
        private int lost;

        private Watch(int number) {
            this.number = number;
            setLevel(Level.PARANOID);
        }

        /** What was made since the beginning on threads whose names begin so, and was collected without a release. */
        List<String> madeOn(String threads) throws InterruptedException {
            // What the collection of the first found is enqueued before what the second finds.
            collect();
            collect();
            String wanted = "made in watch " + number + " on " + threads;
            return FOUND.stream().filter(records -> records.contains(wanted)).toList();
        }

        /** Collects garbage until a buffer that was lost a moment ago is found. */
        private void collect() throws InterruptedException {
            String name = LOST_ON_PURPOSE + "-" + number + "-" + ++lost;
            Thread loser = Thread.ofPlatform().name(name).start(() -> {
                ByteBuf unused = PooledByteBufAllocator.DEFAULT.directBuffer(1);
            });
            loser.join();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(PATIENCE)
                    .until(() -> {
                        System.gc();
                        // Netty looks for what was lost when a buffer is made.
                        PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
                        return FOUND.stream().anyMatch(records -> records.contains(name));
                    });
        }

        @Override
        public void close() {
            setLevel(before);
            FOUND.clear();
        }
    }
}
