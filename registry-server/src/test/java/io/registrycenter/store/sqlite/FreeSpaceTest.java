package io.registrycenter.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class FreeSpaceTest {

    private static final long MIB = 1 << 20;

    private final Logger log = (Logger) LoggerFactory.getLogger(FreeSpace.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private long free = 1_000 * MIB;
    private boolean failing;

    @BeforeEach
    void listen() {
        said.start();
        log.addAppender(said);
    }

    @AfterEach
    void stop() {
        log.detachAppender(said);
    }

    @Test
    void look_belowTheThreshold_warnsOnce_andSaysWhenItIsOver() {
        try (FreeSpace space = space(256 * MIB)) {
            look(space, 300);
            look(space, 255);
            look(space, 100);
            look(space, 257);
            look(space, 255);
            assertThat(levels()).containsExactly(Level.WARN);
            assertThat(said.list.getFirst().getFormattedMessage())
                    .contains("255 MiB free", "registry.store.free-space-warning (256 MiB)");
            look(space, 300);
            look(space, 200);
            assertThat(levels()).containsExactly(Level.WARN, Level.INFO, Level.WARN);
            assertThat(space.bytes()).isEqualTo(200 * MIB);
        }
    }

    @Test
    void look_thresholdZero_neverWarns() {
        try (FreeSpace space = space(0)) {
            look(space, 0);
            assertThat(levels()).isEmpty();
            assertThat(space.bytes()).isZero();
        }
    }

    @Test
    void look_fileSystemDoesNotTell_isUnknown_andSaidOnce() {
        try (FreeSpace space = space(256 * MIB)) {
            look(space, 300);
            failing = true;
            space.look();
            space.look();
            assertThat(space.bytes()).isEqualTo(FreeSpace.UNKNOWN);
            assertThat(levels()).containsExactly(Level.WARN);
        }
    }

    private FreeSpace space(long warnBelow) {
        return new FreeSpace(Path.of("data"), warnBelow, () -> {
            if (failing) {
                throw new IOException("it does not tell (of the test)");
            }
            return free;
        });
    }

    private void look(FreeSpace space, long mib) {
        free = mib * MIB;
        space.look();
    }

    private List<Level> levels() {
        return said.list.stream().map(ILoggingEvent::getLevel).toList();
    }
}
