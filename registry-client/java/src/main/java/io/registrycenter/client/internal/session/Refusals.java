package io.registrycenter.client.internal.session;

import io.registrycenter.client.CloseCause;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RegistrationState;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import java.util.Map;

/** What a keeper tells those who wait for something that will not come. */
final class Refusals {

    private Refusals() {}

    /** Whether a call is settled by this answer: a repeat would get it again. */
    static boolean isFinal(RegistryException answer) {
        return switch (answer.kind()) {
            case NOT_HOLDER, INVALID_INPUT, DENIED -> true;
            // Sizes, which come without a time to try again.
            case LIMIT_EXCEEDED -> answer.retryAfter() == null;
            default -> false;
        };
    }

    static RegistryException closed(InstanceKey key) {
        return RegistryException.closed("the registration of " + key + " was closed");
    }

    static RegistryException over(InstanceKey key, RegistrationState state) {
        return RegistryException.closed("the registration of " + key + " is " + state);
    }

    static RegistryException lost(InstanceKey key, LostReason reason) {
        return RegistryException.of(
                reason == LostReason.FENCED ? Kind.FENCED : Kind.NOT_HOLDER,
                CloseCause.FENCED,
                key + " is not this client's any more: " + reason,
                Map.of(),
                null);
    }

    static RegistryException tooManyChanges(InstanceKey key, int allowed) {
        return RegistryException.of(
                Kind.LIMIT_EXCEEDED,
                CloseCause.LIMIT_EXCEEDED,
                allowed + " changes of " + key + " wait for the registry already",
                Map.of("limit", "waiting-changes", "allowed", Integer.toString(allowed)),
                null);
    }
}
