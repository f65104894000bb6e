package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.registrycenter.client.internal.callback.CallbackThreads;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.LossyMailbox;
import io.registrycenter.client.internal.link.ChannelFactory;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.ClosingWait;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.SystemTiming;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client's threads end, and not before what was told until then is called. */
@Timeout(60)
class MachineryTest {

    private static final Set<Thread.State> AT_REST = EnumSet.of(Thread.State.TIMED_WAITING, Thread.State.TERMINATED);

    private final OwnThreads threads = new OwnThreads("machine");
    private final SystemTiming timing = new SystemTiming(threads);
    private final Serial serial = new Serial(timing);
    private final CallbackThreads callbackThreads = new CallbackThreads(new OwnThreads("callback"), timing::nanoTime);
    private final CallbackThreads stageThreads = new CallbackThreads(new OwnThreads("stage"), timing::nanoTime);
    private final Callbacks callbacks =
            Callbacks.withThreads(callbackThreads, stageThreads, null, Clients.pulse(timing));
    private final Machinery machinery = new Machinery(
            serial,
            new Channels(serial, new NoChannels(), List.of("nowhere"), () -> 0),
            new Machinery.Own(timing, threads, callbacks, null));

    private final LossyMailbox mailbox = callbacks.mailbox("Listener");

    private static final class NoChannels implements ChannelFactory {
        @Override
        public ManagedChannel open(String target) {
            throw new IllegalStateException("nobody connects");
        }

        @Override
        public void close(long timeoutNanos) {
            // There is none.
        }
    }

    @Test
    void whatTheSerialExecutorTellsLast_isStillCalled() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean called = new AtomicBoolean();
        Thread atWork = new Thread(() -> serial.execute(() -> {
            busy.countDown();
            uninterruptibly(release);
            mailbox.offer(() -> called.set(true));
        }));
        atWork.start();
        busy.await();

        Thread closing = new Thread(() -> machinery.close(new ClosingWait()));
        closing.start();
        while (!AT_REST.contains(closing.getState())) {
            Thread.onSpinWait();
        }
        release.countDown();
        closing.join();
        atWork.join();

        assertThat(callbackThreads.isShutdown()).isTrue();
        assertThat(stageThreads.isShutdown()).isTrue();
        assertThat(callbackThreads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(called).as("the last callback").isTrue();
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }
}
