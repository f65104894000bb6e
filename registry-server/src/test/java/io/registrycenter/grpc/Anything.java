package io.registrycenter.grpc;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.RemovalReason;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Words of any shape, for properties. */
final class Anything {

    private Anything() {}

    static Arbitrary<String> text() {
        return Arbitraries.strings().withCharRange(' ', '~').withChars('é', '漢').ofMaxLength(24);
    }

    static Arbitrary<Long> revision() {
        return Arbitraries.longs().greaterOrEqual(0);
    }

    static Arbitrary<Cursor> cursor() {
        return Combinators.combine(text(), revision(), Arbitraries.longs()).as(Cursor::new);
    }

    static Arbitrary<Endpoint> endpoint() {
        return Combinators.combine(
                        text(), text(), Arbitraries.integers().between(1, 65_535), Arbitraries.of(true, false))
                .as(Endpoint::new);
    }

    static Arbitrary<Instance> instance() {
        return Combinators.combine(
                        text(),
                        text(),
                        endpoint().list().ofMaxSize(3),
                        text(),
                        Arbitraries.integers().between(0, 10_000),
                        Arbitraries.maps(text(), text()).ofMaxSize(4),
                        Arbitraries.of(InstanceStatus.class),
                        Combinators.combine(revision(), revision()).as((c, m) -> new long[] {c, m}))
                .as((service, id, endpoints, zone, weight, metadata, status, revisions) -> new Instance(
                        service, id, endpoints, zone, weight, metadata, status, revisions[0], revisions[1]));
    }

    static Arbitrary<Change> change() {
        Arbitrary<Change> puts = instance().map(Change.Put::new);
        Arbitrary<Change> removals = Combinators.combine(text(), text(), Arbitraries.of(RemovalReason.class))
                .as(Change.Removal::new);
        return Arbitraries.oneOf(puts, removals);
    }
}
