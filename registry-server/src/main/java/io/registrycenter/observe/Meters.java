package io.registrycenter.observe;

/** Every metric of the server, by its Micrometer name; {@code docs/metrics.md} lists the same. */
public enum Meters {
    WATCH_STREAMS("registry.watch.streams", Kind.GAUGE, "", "Watch streams open now"),
    WATCH_SUBSCRIPTIONS("registry.watch.subscriptions", Kind.GAUGE, "", "Subscriptions on them"),
    WATCH_COMMITS_WRITTEN(
            "registry.watch.commits.written", Kind.COUNTER, "", "Commits written to watchers, all together"),
    WATCH_COALESCED(
            "registry.watch.coalesced", Kind.COUNTER, "", "Coalesced deltas written to watchers that were behind"),
    WATCH_SNAPSHOTS("registry.watch.snapshots", Kind.COUNTER, "reason", "Snapshots begun"),
    WATCH_CLOSES("registry.watch.closes", Kind.COUNTER, "cause", "Watch streams ended"),
    WATCH_HISTORY_BYTES("registry.watch.history.bytes", Kind.GAUGE, "", "Encoded history held in memory"),
    WATCH_HISTORY_COMMITS("registry.watch.history.commits", Kind.GAUGE, "", "Entries of that history"),
    CONNECTION_CLOSES("registry.grpc.connection.closes", Kind.COUNTER, "cause", "gRPC connections ended"),
    SESSIONS("registry.sessions", Kind.GAUGE, "state", "Sessions this server watches over"),
    SESSIONS_EXPIRED("registry.sessions.expired", Kind.COUNTER, "", "Sessions that expired here"),
    VIEW_REVISION("registry.view.revision", Kind.GAUGE, "", "Revision this server has applied"),
    STORE_HEAD("registry.store.head", Kind.GAUGE, "", "Newest durable revision"),
    STORE_FLOOR("registry.store.floor", Kind.GAUGE, "", "Oldest revision that can still be read"),
    TOMBSTONES_SWEPT("registry.store.tombstones.swept", Kind.COUNTER, "", "Tombstones deleted since the start");

    /** How a metric behaves. */
    public enum Kind {
        GAUGE,
        COUNTER
    }

    private final String meterName;
    private final Kind kind;
    private final String tag;
    private final String description;

    Meters(String meterName, Kind kind, String tag, String description) {
        this.meterName = meterName;
        this.kind = kind;
        this.tag = tag;
        this.description = description;
    }

    public String meterName() {
        return meterName;
    }

    public Kind kind() {
        return kind;
    }

    /** The one tag it has; empty: none. */
    public String tag() {
        return tag;
    }

    public String description() {
        return description;
    }
}
