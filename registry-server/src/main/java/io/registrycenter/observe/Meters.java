package io.registrycenter.observe;

import java.util.List;

/** Every metric of the server, by its Micrometer name; {@code docs/metrics.md} lists the same. */
public enum Meters {
    WATCH_STREAMS("registry.watch.streams", Kind.GAUGE, "", "Watch streams open now"),
    WATCH_SUBSCRIPTIONS("registry.watch.subscriptions", Kind.GAUGE, "", "Subscriptions on them"),
    WATCH_COMMITS_WRITTEN(
            "registry.watch.commits.written", Kind.COUNTER, "", "Commits written to watchers, all together"),
    WATCH_COALESCED(
            "registry.watch.coalesced", Kind.COUNTER, "", "Coalesced deltas written to watchers that were behind"),
    WATCH_SNAPSHOTS("registry.watch.snapshots", Kind.COUNTER, "reason", "Snapshots begun"),
    WATCH_CLOSES("registry.watch.closes", Kind.COUNTER, "cause,expected", "Watch streams ended"),
    WATCH_HISTORY_BYTES("registry.watch.history.bytes", Kind.GAUGE, "", "Encoded history held in memory"),
    WATCH_HISTORY_COMMITS("registry.watch.history.commits", Kind.GAUGE, "", "Entries of that history"),
    CONNECTION_CLOSES("registry.grpc.connection.closes", Kind.COUNTER, "cause,expected", "gRPC connections ended"),
    ATTACH_CLOSES("registry.session.closes", Kind.COUNTER, "cause,expected", "Attach streams of sessions ended"),
    LIMITS_HIT("registry.limits.hit", Kind.COUNTER, "limit", "Refusals, by the limit that was hit"),
    SESSIONS("registry.sessions", Kind.GAUGE, "state", "Sessions this server watches over"),
    SESSIONS_EXPIRED("registry.sessions.expired", Kind.COUNTER, "", "Sessions that expired here"),
    SESSIONS_BRAKE("registry.sessions.brake", Kind.GAUGE, "state", "1 for the state of the expiry brake, else 0"),
    SESSIONS_HELD("registry.sessions.held", Kind.GAUGE, "", "Sessions whose time is up and that the brake keeps"),
    VIEW_REVISION("registry.view.revision", Kind.GAUGE, "", "Revision this server has applied"),
    STORE_HEAD("registry.store.head", Kind.GAUGE, "", "Newest durable revision"),
    STORE_FLOOR("registry.store.floor", Kind.GAUGE, "", "Oldest revision that can still be read"),
    STORE_HISTORY_BYTES("registry.store.history.bytes", Kind.GAUGE, "", "Bytes on the disk that are history only"),
    DRAIN_STATE("registry.drain.state", Kind.GAUGE, "state", "1 for the state of the drain, else 0"),
    TOMBSTONES_SWEPT("registry.store.tombstones.swept", Kind.COUNTER, "", "Tombstones deleted since the start");

    /** How a metric behaves. */
    public enum Kind {
        GAUGE,
        COUNTER
    }

    private final String meterName;
    private final Kind kind;
    private final String tags;
    private final String description;

    /** @param tags names, separated by commas */
    Meters(String meterName, Kind kind, String tags, String description) {
        this.meterName = meterName;
        this.kind = kind;
        this.tags = tags;
        this.description = description;
    }

    public String meterName() {
        return meterName;
    }

    public Kind kind() {
        return kind;
    }

    /** Names of its tags. */
    public List<String> tags() {
        return tags.isEmpty() ? List.of() : List.of(tags.split(",", -1));
    }

    public String description() {
        return description;
    }
}
