package io.registrycenter.store.etcd;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.registrycenter.store.etcd.wire.KVGrpc;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alarm of etcd that stands, as far as this server knows it: from writes that are refused because of it, until one is carried
 * out. The tick is such a write, so both are known within seconds. For any thread.
 */
final class Alarms {

    /** etcd's names. */
    enum Alarm {
        /** Its database has reached {@code --quota-backend-bytes}: no put and no lease until there is room and it is disarmed. */
        NOSPACE,
        /** Its members disagree about their data: nothing but reads of the watch. */
        CORRUPT;

        /** What an operator has to know. */
        String clause() {
            return "etcd has raised the alarm " + this
                    + " (\"etcdctl alarm list\" shows it, \"endpoint health\" does not)"
                    + switch (this) {
                        case NOSPACE ->
                            ": delete what is not needed, compact, defragment, then \"etcdctl alarm disarm\"";
                        case CORRUPT -> ": find the member that differs and replace it, then \"etcdctl alarm disarm\"";
                    };
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);

    private final AtomicReference<@Nullable Alarm> standing = new AtomicReference<>();

    /** Null: none. */
    @Nullable
    Alarm standing() {
        return standing.get();
    }

    /**
     * Which alarm a refusal is because of; null: none. Codes do not tell these from other refusals; etcd's own clients, too, go by the
     * words of {@code rpctypes/error.go}.
     */
    static @Nullable Alarm of(Status status) {
        String words = status.getDescription() == null ? "" : status.getDescription();
        return switch (status.getCode()) {
            case RESOURCE_EXHAUSTED -> words.contains("database space exceeded") ? Alarm.NOSPACE : null;
            case DATA_LOSS -> words.contains("corrupt cluster") ? Alarm.CORRUPT : null;
            default -> null;
        };
    }

    void failed(Status status) {
        Alarm alarm = of(status);
        if (alarm != null && standing.getAndSet(alarm) != alarm) {
            LOG.warn("Nothing can be written: {}. Until then every write is refused.", alarm.clause());
        }
    }

    void answered(MethodDescriptor<?, ?> method) {
        if (standing.get() != null && method.equals(KVGrpc.getPutMethod())) {
            Alarm over = standing.getAndSet(null);
            if (over != null) {
                LOG.info("The alarm {} of etcd is over: it takes writes again.", over);
            }
        }
    }
}
