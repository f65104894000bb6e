package io.registrycenter.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** A heartbeat is a write of one number: no garbage worth naming, and no work for the wheel. */
class HeartbeatCostTest {

    private static final int ROUNDS = 20;
    private static final int BEATS = 20_000;

    /** The cursor of the answer is an object, unless the compiler sees through it. */
    private static final long BYTES_PER_BEAT = 48;

    @Test
    void heartbeat_ofAnActiveSession_allocatesNoMoreThanItsAnswer() {
        SessionWorld world = new SessionWorld();
        Quiet outlet = new Quiet();
        SessionLink link = world.sessions.attach(outlet);
        link.open(Duration.ZERO, ClientInfo.UNKNOWN);
        world.steps.run();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BEATS; i++) {
                link.heartbeat();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(outlet.answers).isEqualTo((long) ROUNDS * BEATS);
        assertThat(least / (double) BEATS).as("bytes a heartbeat").isLessThanOrEqualTo(BYTES_PER_BEAT);
    }

    /** Counts answers; runs everything at once, as a transport's own thread would. */
    private static final class Quiet implements SessionOutlet {
        private long answers;

        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public void opened(Opened answer) {
            // The link is attached.
        }

        @Override
        public void heartbeat(Cursor cursor) {
            answers++;
        }

        @Override
        public void lost(InstanceKey key, Loss loss) {
            throw new AssertionError("nothing was registered");
        }

        @Override
        public void drain(CloseCause cause, Duration deadline, Duration reconnectAfter) {
            throw new AssertionError("nobody drains");
        }

        @Override
        public void expired(CloseCause cause) {
            throw new AssertionError("it is heard all the time");
        }

        @Override
        public void end(SessionEnd ending) {
            throw new AssertionError("nobody ends it: " + ending);
        }
    }
}
