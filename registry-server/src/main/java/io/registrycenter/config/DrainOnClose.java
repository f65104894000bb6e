package io.registrycenter.config;

import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainStatus.Requester;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Drains before anything stops: ports, clocks, health and this server's own HTTP surface still work. Then Spring goes on with its
 * phases: gRPC server, web server, clocks, applier, store.
 */
final class DrainOnClose implements ApplicationListener<ContextClosedEvent>, Ordered {

    private static final Logger log = LoggerFactory.getLogger(DrainOnClose.class);

    /** The drain ends by itself at its deadline, give or take a tick. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private final Drain drain;
    private final Duration timeout;
    private final ApplicationContext context;

    DrainOnClose(Drain drain, Duration timeout, ApplicationContext context) {
        this.drain = drain;
        this.timeout = timeout;
        this.context = context;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent closed) {
        if (!closed.getApplicationContext().equals(context)) {
            // That of a management port of its own closes after this one.
            return;
        }
        try {
            drain.begin(Requester.SHUTDOWN).get(timeout.plus(SLACK).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException stuck) {
            log.error("The drain did not end at its deadline; the server stops without it", stuck);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
