package io.registrycenter.client.internal;

import io.registrycenter.client.ClientSettings;
import io.registrycenter.client.ClientStatistics;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.Interest;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistryClient;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.Watch;
import io.registrycenter.client.WatchListener;
import io.registrycenter.client.internal.link.ClosingWait;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.session.Keepers;
import io.registrycenter.client.internal.watch.Watches;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client as users hold it: passes on, and closes in order. Any thread. */
final class DefaultClient implements RegistryClient {

    private static final Logger log = LoggerFactory.getLogger(DefaultClient.class);

    /** What a second closer waits for beyond the goodbye, at most. */
    private static final Duration MACHINERY = Duration.ofSeconds(10);

    private final ClientSettings settings;
    private final Serial serial;
    private final Watches watches;
    private final Keepers keepers;
    private final Reads reads;
    private final ClientStatistics statistics;
    private final Machinery machinery;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();

    DefaultClient(
            ClientSettings settings,
            Serial serial,
            Watches watches,
            Keepers keepers,
            Reads reads,
            ClientStatistics statistics,
            Machinery machinery) {
        this.settings = settings;
        this.serial = serial;
        this.watches = watches;
        this.keepers = keepers;
        this.reads = reads;
        this.statistics = statistics;
        this.machinery = machinery;
    }

    @Override
    public Registration register(String service, Instance instance) {
        return register(settings.namespace(), service, instance);
    }

    @Override
    public Registration register(String namespace, String service, Instance instance) {
        checkOpen();
        return keepers.register(namespace, service, instance);
    }

    @Override
    public Watch watch(String service, WatchListener listener) {
        return watch(Interest.service(settings.namespace(), service), listener);
    }

    @Override
    public Watch watch(Interest interest, WatchListener listener) {
        checkOpen();
        return watches.watch(interest, listener);
    }

    @Override
    public CompletionStage<ServiceList> services() {
        return services(settings.namespace());
    }

    @Override
    public CompletionStage<ServiceList> services(String namespace) {
        checkOpen();
        return reads.services(namespace);
    }

    @Override
    public CompletionStage<InstanceList> instances(Interest interest) {
        checkOpen();
        return reads.instances(interest, null);
    }

    @Override
    public CompletionStage<InstanceList> instances(Interest interest, Cursor minCursor) {
        checkOpen();
        return reads.instances(interest, minCursor);
    }

    @Override
    public String namespace() {
        return settings.namespace();
    }

    @Override
    public ClientStatistics statistics() {
        return statistics;
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the client is closed");
        }
    }

    @Override
    public void close() {
        boolean first = closed.compareAndSet(false, true);
        if (serial.isInside()) {
            // Called by what the client runs at this moment, which cannot end before it returns.
            if (first) {
                new OwnThreads("registry-client-close")
                        .newThread(this::shutDown)
                        .start();
            }
        } else if (first) {
            shutDown();
        } else {
            try (ClosingWait wait = new ClosingWait()) {
                wait.until(settings.closeTimeout().plus(MACHINERY), over);
            }
        }
    }

    private void shutDown() {
        try (ClosingWait wait = new ClosingWait()) {
            serial.execute(() -> {
                watches.close();
                keepers.leave();
            });
            if (!wait.until(settings.closeTimeout(), keepers.left())) {
                log.info("The registry did not take the goodbye in time; what was registered goes with its session");
            }
            serial.execute(keepers::close);
            machinery.close(wait);
        } finally {
            over.complete(true);
        }
    }
}
