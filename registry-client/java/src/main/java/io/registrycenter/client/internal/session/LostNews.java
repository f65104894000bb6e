package io.registrycenter.client.internal.session;

import io.registrycenter.client.LostReason;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.callback.LossyMailbox;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells the user once that an instance is lost. Confined to the serial executor. */
final class LostNews {

    private final LossyMailbox mailbox;
    private final List<Consumer<LostReason>> listeners = new ArrayList<>();
    private @Nullable LostReason reason;

    LostNews(Callbacks callbacks, InstanceKey key) {
        this.mailbox = callbacks.mailbox("Listener of the registration of " + key);
    }

    void add(Consumer<LostReason> listener) {
        LostReason known = reason;
        if (known == null) {
            listeners.add(listener);
        } else {
            mailbox.offer(() -> listener.accept(known));
        }
    }

    void tell(LostReason newReason) {
        reason = newReason;
        listeners.forEach(listener -> mailbox.offer(() -> listener.accept(newReason)));
        listeners.clear();
    }
}
