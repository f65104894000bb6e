package io.registrycenter.config;

import io.registrycenter.config.NeighbourProperties.Client;
import io.registrycenter.config.NeighbourProperties.Http;
import io.registrycenter.config.NeighbourProperties.Intermediary;
import java.util.List;

/** Everything that can be set, checked: whoever holds this holds values inside their ranges that go together. Immutable. */
public record Settings(
        RegistryProperties registry,
        StoreProperties store,
        EtcdProperties etcd,
        WatchProperties watch,
        SessionProperties session,
        GrpcProperties grpc,
        DrainProperties drain,
        MemoryProperties memory,
        Http http,
        Client client,
        Intermediary intermediary) {

    /** @throws SettingRefused for the first rule that is broken */
    public Settings {
        List.<Record>of(registry, store, etcd, watch, session, grpc, drain, memory, http, client, intermediary)
                .forEach(Ranges::check);
        NodeName.check(registry.node());
        http.hosts(List.of());
        TimeoutRules.check(watch, session, grpc, drain, http, client, intermediary);
    }

    /** Its parts, in order. */
    List<Record> all() {
        return List.of(registry, store, etcd, watch, session, grpc, drain, memory, http, client, intermediary);
    }
}
