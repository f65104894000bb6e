package io.registrycenter.store;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random words of the store. */
public final class StoreArbitraries {

    private StoreArbitraries() {}

    /** Any text that UTF-8 can carry, also quotes, control characters and characters beyond 16 bits. */
    static Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings()
                        .withCharRange('\u0000', '\ud7ff')
                        .withCharRange('\ue000', '\uffff')
                        .ofMaxLength(12),
                Arbitraries.of("", "\"", "\\", "\u0000\n", "\ud83d\ude80 ü 中", "}],"));
    }

    static Arbitrary<String> names() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .numeric()
                .withChars("-._")
                .ofMinLength(1)
                .ofMaxLength(8);
    }

    public static Arbitrary<RecordKey> keys() {
        return Arbitraries.oneOf(
                names().map(RecordKey.OfSession::new),
                names().map(RecordKey.OfNode::new),
                Combinators.combine(names(), names(), names())
                        .as(InstanceKey::new)
                        .map(RecordKey.OfInstance::new));
    }

    public static Arbitrary<RecordValue> values() {
        return Arbitraries.oneOf(instanceRecords(), tombstones(), sessionRecords(), nodeRecords());
    }

    static Arbitrary<RecordValue> instanceRecords() {
        return Combinators.combine(instances(), texts(), texts(), past()).as(RecordValue.InstanceRecord::new);
    }

    static Arbitrary<RecordValue> tombstones() {
        return Combinators.combine(Arbitraries.of(RemovalReason.class), texts(), texts(), past())
                .as(RecordValue.Tombstone::new);
    }

    static Arbitrary<PastCalls> past() {
        return Combinators.combine(Arbitraries.longs(), Arbitraries.integers(), Arbitraries.longs())
                .as(PastCall::new)
                .list()
                .ofMaxSize(3)
                .map(PastCalls::new);
    }

    static Arbitrary<RecordValue> sessionRecords() {
        Arbitrary<ClientInfo> clients =
                Combinators.combine(texts(), texts(), texts()).as(ClientInfo::new);
        return Combinators.combine(
                        texts(),
                        Arbitraries.longs(),
                        texts(),
                        Arbitraries.longs(),
                        clients,
                        Arbitraries.of(RemovalReason.class).injectNull(0.5))
                .as(RecordValue.SessionRecord::new);
    }

    static Arbitrary<RecordValue> nodeRecords() {
        return Combinators.combine(texts(), Arbitraries.of(true, false)).as(RecordValue.NodeRecord::new);
    }

    static Arbitrary<Instance> instances() {
        Arbitrary<List<Endpoint>> endpoints = Combinators.combine(
                        texts(), texts(), Arbitraries.integers(), Arbitraries.of(true, false))
                .as(Endpoint::new)
                .list()
                .ofMaxSize(3);
        return Combinators.combine(
                        texts(),
                        texts(),
                        endpoints,
                        texts(),
                        Arbitraries.integers(),
                        Arbitraries.maps(texts(), texts()).ofMaxSize(4),
                        Arbitraries.of(InstanceStatus.class),
                        Arbitraries.longs())
                .as((service, id, list, zone, weight, metadata, status, created) ->
                        new Instance(service, id, list, zone, weight, metadata, status, created, 0));
    }

    public static Arbitrary<List<Mutation>> mutations() {
        return Combinators.combine(keys(), values().injectNull(0.2))
                .as(Mutation::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .uniqueElements(Mutation::key);
    }
}
