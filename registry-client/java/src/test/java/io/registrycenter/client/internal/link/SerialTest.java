package io.registrycenter.client.internal.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class SerialTest {

    private static final class FullDisk extends Handler {
        @Override
        public void publish(LogRecord logged) {
            throw new IllegalStateException("the disk of the log is full");
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    @Test
    void task_throwsWhileTheLogThrows_theNextOneRuns() {
        Logger logger = Logger.getLogger(Serial.class.getName());
        Handler handler = new FullDisk();
        logger.addHandler(handler);
        try {
            Serial serial = new Serial(new SystemTiming(Thread::new));
            AtomicBoolean ran = new AtomicBoolean();
            serial.execute(() -> {
                throw new IllegalStateException("a fault");
            });
            serial.execute(() -> ran.set(true));
            assertThat(ran).isTrue();
        } finally {
            logger.removeHandler(handler);
        }
    }
}
