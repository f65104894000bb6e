package io.registrycenter.http;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Disconnect;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import reactor.core.publisher.Mono;

/** {@code /actuator/disconnects}: how often streams and connections ended for which cause, and the last ends with their evidence. */
@Endpoint(id = "disconnects")
public class DisconnectsEndpoint {

    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    private final Ends ends;

    public DisconnectsEndpoint(Ends ends) {
        this.ends = ends;
    }

    /** Where ends are remembered. Any thread; quick. */
    public interface Ends {

        /** The newest that are wanted, newest first, at most so many. */
        List<Disconnect.Remembered> newest(int limit, Predicate<Disconnect> wanted);

        /** How many there were since the start. */
        Map<CloseCause, Long> counts();
    }

    /** How many, and the newest. */
    public record Answer(long expected, long unexpected, List<Count> byCause, List<End> recent) {}

    /** How often since the start. */
    public record Count(CloseCause cause, boolean expected, CloseCause.Origin origin, long count) {}

    /**
     * One end. What was not seen is left out.
     *
     * @param countedAs when what the client told has changed the cause: the one it had, by which it stays counted
     * @param clientSaw what the client told afterwards: a reset seen by both ends came from between them
     */
    public record End(
            Disconnect.Kind kind,
            String id,
            CloseCause cause,
            boolean expected,
            CloseCause.Origin origin,
            Disconnect.Confidence confidence,
            CloseCause.Advice advice,
            Disconnect.Phase phase,
            long agoMs,
            long ageMs,
            long idleMs,
            String peer,
            ClientInfo client,
            @Nullable Integer errno,
            @Nullable String transport,
            @Nullable String said,
            @Nullable Progress progress,
            @Nullable CloseCause countedAs,
            @Nullable ClientSaw clientSaw) {}

    /** How far a watch stream had come. */
    public record Progress(
            int subscriptions,
            long sent,
            @Nullable Long acknowledged,
            long pendingChanges,
            long pendingBytes,
            long stalledMs) {}

    /** The other view of the same end. */
    public record ClientSaw(CloseCause cause, long idleMs, String detail) {}

    /**
     * Recent ends.
     *
     * @param cause only this one, and null for all
     * @param expected only ends that are part of normal operation, or only others
     * @param limit 1..{@value #MAX_LIMIT}, {@value #DEFAULT_LIMIT} by default
     */
    @ReadOperation
    public Mono<Answer> recent(@Nullable String cause, @Nullable Boolean expected, @Nullable Integer limit) {
        return Mono.fromSupplier(() -> {
            CloseCause wanted = cause == null ? null : Operators.choice("cause", cause, CloseCause.class);
            int most = Operators.limit(limit, DEFAULT_LIMIT, MAX_LIMIT);
            List<Count> counts = ends.counts().entrySet().stream()
                    .map(entry -> new Count(
                            entry.getKey(),
                            entry.getKey().expected(),
                            entry.getKey().origin(),
                            entry.getValue()))
                    .sorted(Comparator.comparingLong(Count::count).reversed())
                    .toList();
            List<End> recent = ends
                    .newest(
                            most,
                            end -> (wanted == null || end.cause() == wanted)
                                    && (expected == null || end.cause().expected() == expected))
                    .stream()
                    .map(DisconnectsEndpoint::shown)
                    .toList();
            return new Answer(sum(counts, true), sum(counts, false), counts, recent);
        });
    }

    private static long sum(List<Count> counts, boolean expected) {
        return counts.stream()
                .filter(count -> count.expected() == expected)
                .mapToLong(Count::count)
                .sum();
    }

    private static End shown(Disconnect.Remembered remembered) {
        Disconnect end = remembered.end();
        Disconnect.Standing standing = end.standing();
        Disconnect.Progress progress = standing.progress();
        Disconnect.ClientView seen = remembered.clientView();
        return new End(
                end.kind(),
                end.id(),
                end.cause(),
                end.cause().expected(),
                end.cause().origin(),
                end.confidence(),
                end.cause().advice(),
                standing.phase(),
                remembered.ago().toMillis(),
                end.age().toMillis(),
                end.idle().toMillis(),
                end.peer(),
                standing.client(),
                end.evidence().errno(),
                orNull(end.evidence().transport()),
                orNull(standing.said()),
                progress == null
                        ? null
                        : new Progress(
                                progress.subscriptions(),
                                progress.sent(),
                                progress.acknowledged(),
                                progress.pendingChanges(),
                                progress.pendingBytes(),
                                progress.stalled().toMillis()),
                remembered.counted() == end.cause() ? null : remembered.counted(),
                seen == null ? null : new ClientSaw(seen.cause(), seen.idle().toMillis(), seen.detail()));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
