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
    WATCH_CONDITION(
            "registry.watch.condition",
            Kind.GAUGE,
            "condition",
            "Watch streams, by how they keep up; a survey every 5 s"),
    WATCH_LAG_CHANGES(
            "registry.watch.lag.changes", Kind.GAUGE, "", "Changes the stream furthest behind has yet to be told"),
    WATCH_LAG_BYTES("registry.watch.lag.bytes", Kind.GAUGE, "", "The same in encoded bytes"),
    WATCH_LAG_SECONDS(
            "registry.watch.lag.seconds", Kind.GAUGE, "", "How long the oldest change that is not written has waited"),
    WATCH_PROPAGATION(
            "registry.watch.propagation",
            Kind.TIMER,
            "",
            "From a commit's arrival from the store until the watchers of one event loop have it written"),
    WATCH_ROUND_TRIP(
            "registry.watch.heartbeat.roundtrip", Kind.TIMER, "", "From writing a heartbeat to its acknowledgement"),
    WATCH_HISTORY_BYTES("registry.watch.history.bytes", Kind.GAUGE, "", "Heap that history in memory takes"),
    WATCH_HISTORY_COMMITS("registry.watch.history.commits", Kind.GAUGE, "", "Entries of that history"),
    MEMORY_BYTES("registry.memory.bytes", Kind.GAUGE, "part", "Memory that a part takes, estimated"),
    MEMORY_LIMIT_BYTES(
            "registry.memory.limit.bytes", Kind.GAUGE, "part", "Memory that a part may take, or is expected to"),
    CONNECTION_CLOSES("registry.grpc.connection.closes", Kind.COUNTER, "cause,expected", "gRPC connections ended"),
    ATTACH_CLOSES("registry.session.closes", Kind.COUNTER, "cause,expected", "Attach streams of sessions ended"),
    LIMITS_HIT("registry.limits.hit", Kind.COUNTER, "limit", "Refusals, by the limit that was hit"),
    SESSIONS("registry.sessions", Kind.GAUGE, "state", "Sessions this server watches over"),
    SESSIONS_EXPIRED("registry.sessions.expired", Kind.COUNTER, "", "Sessions that expired here"),
    SESSIONS_BRAKE("registry.sessions.brake", Kind.GAUGE, "state", "1 for the state of the expiry brake, else 0"),
    SESSIONS_HELD("registry.sessions.held", Kind.GAUGE, "", "Sessions whose time is up and that the brake keeps"),
    SESSIONS_PAUSES(
            "registry.sessions.pauses",
            Kind.COUNTER,
            "",
            "Times this server stood still and gave everybody a full TTL"),
    SESSIONS_ADOPTED(
            "registry.sessions.adopted",
            Kind.COUNTER,
            "",
            "Sessions taken over from other servers, or from a former start of this one"),
    SESSIONS_REAPED(
            "registry.sessions.reaped", Kind.COUNTER, "", "Sessions of dead servers removed here: nobody resumed them"),
    SESSIONS_ELSEWHERE("registry.sessions.elsewhere", Kind.GAUGE, "", "Sessions that other servers own"),
    VIEW_REVISION("registry.view.revision", Kind.GAUGE, "", "Revision this server has applied"),
    VIEW_STALE(
            "registry.view.stale.seconds",
            Kind.GAUGE,
            "",
            "How old what this server serves is, when it lost its store; else 0"),
    STORE_HEAD("registry.store.head", Kind.GAUGE, "", "Newest durable revision"),
    STORE_FLOOR("registry.store.floor", Kind.GAUGE, "", "Oldest revision that can still be read"),
    STORE_HISTORY_BYTES("registry.store.history.bytes", Kind.GAUGE, "", "Bytes on the disk that are history only"),
    DRAIN_STATE("registry.drain.state", Kind.GAUGE, "state", "1 for the state of the drain, else 0"),
    STORE_COMMIT(
            "registry.store.commit", Kind.TIMER, "outcome", "From asking for a commit to its outcome being durable"),
    STORE_FREE_BYTES(
            "registry.store.free.bytes",
            Kind.GAUGE,
            "",
            "Bytes free on the file system of the data directory; NaN with etcd"),
    STORE_WRITABLE(
            "registry.store.writable", Kind.GAUGE, "", "1 while the store takes commits, 0 while it refuses them"),
    STORE_ALARM("registry.store.alarm", Kind.GAUGE, "alarm", "1 while that alarm of etcd stands, else 0"),
    STORE_WRITES("registry.store.writes", Kind.COUNTER, "", "Forced writes of the store, each with a batch of commits"),
    TOMBSTONES_SWEPT("registry.store.tombstones.swept", Kind.COUNTER, "", "Tombstones deleted since the start"),
    TCP_CONNECTIONS("registry.tcp.connections", Kind.GAUGE, "state", "Sockets of this server's ports, by TCP state"),
    TCP_ACCEPT_QUEUE("registry.tcp.accept.queue", Kind.GAUGE, "", "Connections that wait to be accepted"),
    TCP_BACKLOG_SOCKETS(
            "registry.tcp.backlog.sockets",
            Kind.GAUGE,
            "",
            "Connections with 64 KiB or more that the other end did not take"),
    TCP_BACKLOG_BYTES("registry.tcp.backlog.bytes", Kind.GAUGE, "", "Bytes that wait on those"),
    TCP_OVERFLOWS("registry.tcp.listen.overflows", Kind.COUNTER, "", "Connections that found an accept queue full"),
    TCP_DROPS("registry.tcp.listen.drops", Kind.COUNTER, "", "Connections dropped before they were accepted"),
    TCP_RESETS("registry.tcp.resets", Kind.COUNTER, "direction", "Resets sent, and open connections ended by one");

    /** How a metric behaves. */
    public enum Kind {
        GAUGE,
        COUNTER,
        /** Count, sum, maximum and a histogram, in seconds. */
        TIMER
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
