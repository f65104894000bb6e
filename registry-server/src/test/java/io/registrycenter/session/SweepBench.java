package io.registrycenter.session;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What {@value #SESSIONS} sessions on one server cost: a program, not a test, because its result is a time.
 *
 * <p>Sessions are opened over a TTL and send a heartbeat each 5 s of virtual time, spread evenly; a sweep runs each 250 ms.
 * Printed are the processor time of a sweep, and time and allocation of a heartbeat in this layer (without a transport).
 */
final class SweepBench {

    private static final int SESSIONS = 100_000;
    private static final int WARM_UP_SWEEPS = 120;
    private static final int SWEEPS = 480;
    private static final int SWEEPS_PER_BEAT = 20;
    private static final int SWEEPS_PER_TTL = 40;

    private SweepBench() {}

    public static void main(String[] arguments) {
        SessionWorld world = new SessionWorld();
        TestLink[] links = new TestLink[SESSIONS];
        for (int i = 0; i < SESSIONS; i++) {
            if (i % (SESSIONS / SWEEPS_PER_TTL) == 0) {
                world.pass(SessionWorld.SWEEP);
            }
            links[i] = world.opened();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] sweepNanos = new long[SWEEPS];
        long beats = 0;
        long beatNanos = 0;
        long beatBytes = 0;
        for (int sweep = -WARM_UP_SWEEPS; sweep < SWEEPS; sweep++) {
            world.standStill(SessionWorld.SWEEP);
            int share = Math.floorMod(sweep, SWEEPS_PER_BEAT);
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long started = threads.getCurrentThreadCpuTime();
            long beaten = 0;
            for (int i = share; i < SESSIONS; i += SWEEPS_PER_BEAT) {
                links[i].link.heartbeat();
                beaten++;
            }
            long between = threads.getCurrentThreadCpuTime();
            bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
            for (int i = share; i < SESSIONS; i += SWEEPS_PER_BEAT) {
                links[i].heartbeats.clear();
            }
            long before = threads.getCurrentThreadCpuTime();
            world.sessions.sweep();
            if (sweep >= 0) {
                sweepNanos[sweep] = threads.getCurrentThreadCpuTime() - before;
                beats += beaten;
                beatNanos += between - started;
                beatBytes += bytes;
            }
        }
        if (world.sessions.stats().count(SessionState.ACTIVE) != SESSIONS) {
            throw new IllegalStateException("a session was lost");
        }
        Arrays.sort(sweepNanos);
        System.out.printf(
                Locale.ROOT,
                "%d sessions, %s between sweeps: sweep median %.3f ms, p99 %.3f ms, max %.3f ms; heartbeat %d ns, %d bytes%n",
                SESSIONS,
                Duration.ofNanos(SessionWorld.SWEEP.toNanos()),
                sweepNanos[SWEEPS / 2] / 1e6,
                sweepNanos[SWEEPS * 99 / 100] / 1e6,
                sweepNanos[SWEEPS - 1] / 1e6,
                beatNanos / beats,
                beatBytes / beats);
        System.out.printf(Locale.ROOT, "(%d heartbeats in %d ms)%n", beats, TimeUnit.NANOSECONDS.toMillis(beatNanos));
    }
}
