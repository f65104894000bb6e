package io.registrycenter.client.internal.session;

import io.registrycenter.client.Cursor;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.Registration;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.internal.link.ClosingWait;
import io.registrycenter.client.internal.link.Serial;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The user's hold on a keeper. Any thread. */
final class KeptRegistration implements Registration {

    private static final Logger log = LoggerFactory.getLogger(KeptRegistration.class);

    private final Keeper keeper;
    private final Serial serial;
    private final Duration closeTimeout;

    KeptRegistration(Keeper keeper, Serial serial, Duration closeTimeout) {
        this.keeper = keeper;
        this.serial = serial;
        this.closeTimeout = closeTimeout;
    }

    @Override
    public String namespace() {
        return keeper.key().namespace();
    }

    @Override
    public String service() {
        return keeper.key().service();
    }

    @Override
    public Instance instance() {
        return keeper.desired();
    }

    @Override
    public RegistrationState state() {
        return keeper.state();
    }

    @Override
    public CompletionStage<Cursor> registered() {
        return keeper.registered();
    }

    @Override
    public CompletionStage<Cursor> update(Instance instance) {
        if (!instance.id().equals(keeper.key().id())) {
            throw new IllegalArgumentException(
                    "instance.id must stay " + keeper.key().id() + ", was " + instance.id());
        }
        return change(before -> instance);
    }

    @Override
    public CompletionStage<Cursor> status(InstanceStatus status) {
        return change(before -> before.withStatus(status));
    }

    private CompletionStage<Cursor> change(UnaryOperator<Instance> how) {
        CompletableFuture<Cursor> stage = new CompletableFuture<>();
        serial.execute(() -> keeper.change(how, stage));
        return stage;
    }

    @Override
    public Registration onLost(Consumer<LostReason> listener) {
        serial.execute(() -> keeper.lostNews().add(listener));
        return this;
    }

    @Override
    public void close() {
        keeper.release();
        serial.execute(keeper::remove);
        if (serial.isInside()) {
            // Called by what the client runs at this moment: nothing happens here before it returns.
            return;
        }
        try (ClosingWait wait = new ClosingWait()) {
            if (!wait.until(closeTimeout, keeper.out())) {
                log.info("{} is not taken out yet; the client goes on trying", keeper.key());
            }
        }
    }
}
