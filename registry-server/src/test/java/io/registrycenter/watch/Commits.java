package io.registrycenter.watch;

import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue.InstanceRecord;
import io.registrycenter.store.RecordValue.Tombstone;
import io.registrycenter.store.StoredRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes up commits: puts and removals over two services, one in eight over several instances at once. */
final class Commits {

    private static final List<String> SERVICES = List.of("orders", "carts");
    private static final List<String> COLOURS = List.of("blue", "green");
    private static final int INSTANCES = 12;

    private final Random random;
    private final String namespace;

    Commits(Random random, String namespace) {
        this.random = random;
        this.namespace = namespace;
    }

    /** Mutations on the state as it is, possibly none. */
    List<Mutation> next(Map<InstanceKey, StoredRecord> state) {
        Map<InstanceKey, Mutation> mutations = new LinkedHashMap<>();
        int size = random.nextInt(8) == 0 ? 1 + random.nextInt(6) : 1;
        for (int i = 0; i < size; i++) {
            InstanceKey key = new InstanceKey(
                    namespace, SERVICES.get(random.nextInt(SERVICES.size())), "i" + random.nextInt(INSTANCES));
            StoredRecord known = state.get(key);
            boolean exists = known != null && known.value() instanceof InstanceRecord;
            boolean remove = exists && random.nextInt(3) == 0;
            mutations.computeIfAbsent(
                    key,
                    k -> new Mutation(
                            new RecordKey.OfInstance(k),
                            remove
                                    ? new Tombstone(RemovalReason.DEREGISTERED, "s", "")
                                    : new InstanceRecord(instance(k, known), "s", "")));
        }
        return List.copyOf(mutations.values());
    }

    private Instance instance(InstanceKey key, @Nullable StoredRecord known) {
        long created = known != null && known.value() instanceof InstanceRecord record
                ? record.storedAt(known.revision()).createdRevision()
                : 0;
        return new Instance(
                key.service(),
                key.id(),
                List.of(),
                "",
                1 + random.nextInt(100),
                Map.of("colour", COLOURS.get(random.nextInt(COLOURS.size()))),
                InstanceStatus.UP,
                created,
                0);
    }
}
