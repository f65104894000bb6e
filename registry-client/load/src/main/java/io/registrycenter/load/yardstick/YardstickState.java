package io.registrycenter.load.yardstick;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the calls share: topics by service, one counter of revisions, the event loops. Any thread. */
final class YardstickState {
    private final EventLoopGroup loops;
    private final ConcurrentMap<String, Topic> topics = new ConcurrentHashMap<>();
    private final AtomicLong revisions = new AtomicLong();
    private final String epoch = "yardstick-" + Long.toHexString(System.nanoTime());

    YardstickState(EventLoopGroup loops) {
        this.loops = loops;
    }

    String epoch() {
        return epoch;
    }

    Topic topic(String service) {
        Topic topic = topics.get(service);
        return topic != null ? topic : topics.computeIfAbsent(service, name -> new Topic(name, revisions));
    }

    /**
     * The event loop that runs the caller.
     *
     * @throws IllegalStateException on any other thread
     */
    EventExecutor currentLoop() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException("not on an event loop");
    }
}
