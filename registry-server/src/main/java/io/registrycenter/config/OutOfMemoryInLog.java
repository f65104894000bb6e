package io.registrycenter.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.registrycenter.memory.OutOfMemory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * The last place where an {@link OutOfMemoryError} is seen that a library has caught: event loops and executors go on after a task
 * of theirs threw, and say so in the log. Ends the process, whatever the level of the message. Any thread.
 */
final class OutOfMemoryInLog extends TurboFilter {

    private static final String NAME = "out of memory";

    /** Looks at every message from now on. A second call does nothing. */
    static void install() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getTurboFilterList().stream().noneMatch(OutOfMemoryInLog.class::isInstance)) {
            OutOfMemoryInLog filter = new OutOfMemoryInLog();
            filter.setName(NAME);
            filter.setContext(context);
            filter.start();
            context.addTurboFilter(filter);
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            @Nullable Object @Nullable [] params,
            @Nullable Throwable thrown) {
        if (thrown != null) {
            OutOfMemory.endIfCause(thrown);
        } else if (params != null && params.length > 0 && params[params.length - 1] instanceof Throwable last) {
            OutOfMemory.endIfCause(last);
        }
        return FilterReply.NEUTRAL;
    }
}
