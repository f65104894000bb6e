package io.registrycenter.http;

import io.registrycenter.catalog.CloseCause;
import io.registrycenter.session.LinkFigures;
import io.registrycenter.session.SessionEnd;
import io.registrycenter.session.SessionLink;
import io.registrycenter.session.Sessions;
import io.registrycenter.watch.Hub;
import io.registrycenter.watch.StreamCondition;
import io.registrycenter.watch.StreamFilter;
import io.registrycenter.watch.WatchStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/**
 * {@code /actuator/streams}: the streams that are open, one of them with its subscriptions, and its end by an operator.
 *
 * <p>Figures are taken where the stream is served, a slice at a time; nothing waits for them on a thread.
 */
@Endpoint(id = "streams")
public class StreamsEndpoint {

    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    /** Of one stream. */
    private static final int SUBSCRIPTIONS = 100;

    private static final Duration KICKED_RETRY_AFTER = Duration.ofSeconds(5);
    private static final String KICKED = "an operator ended the stream";

    private final Hub hub;
    private final Sessions sessions;

    public StreamsEndpoint(Hub hub, Sessions sessions) {
        this.hub = hub;
        this.sessions = sessions;
    }

    /**
     * Some of the open streams, those furthest behind first.
     *
     * @param watch watch streams open now
     * @param attach attach streams open now
     * @param truncated whether more match
     */
    public record Answer(long watch, long attach, boolean truncated, List<StreamView> streams) {}

    /** What was ended, and how. */
    public record Kicked(String id, CloseCause cause, long retryAfterMs) {}

    /**
     * Open streams.
     *
     * @param kind {@code watch} or {@code attach}; null: both
     * @param namespace only watch streams with a subscription on it
     * @param service only watch streams with a subscription that covers it
     * @param peer address of the other end, with or without port
     * @param state {@code live}, {@code lagging} or {@code stalled}; an attach stream is always live
     * @param limit 1..{@value #MAX_LIMIT}, {@value #DEFAULT_LIMIT} by default
     */
    @ReadOperation
    public Mono<Answer> list(
            @Nullable String kind,
            @Nullable String namespace,
            @Nullable String service,
            @Nullable String peer,
            @Nullable String state,
            @Nullable Integer limit) {
        return Operators.answer(() -> {
            StreamFilter filter = new StreamFilter(
                    orEmpty(namespace),
                    orEmpty(service),
                    orEmpty(peer),
                    state == null ? null : Operators.choice("state", state, StreamCondition.class));
            StreamView.@Nullable Kind wanted =
                    kind == null ? null : Operators.choice("kind", kind, StreamView.Kind.class);
            int most = Operators.limit(limit, DEFAULT_LIMIT, MAX_LIMIT);
            CompletableFuture<List<StreamView>> watches =
                    wanted == StreamView.Kind.ATTACH ? none() : watches(filter, most + 1);
            boolean attaches = wanted != StreamView.Kind.WATCH
                    && !filter.byInterest()
                    && (filter.condition() == null || filter.condition() == StreamCondition.LIVE);
            return watches.thenCombine(
                    attaches ? links(filter, most + 1) : none(), (one, other) -> answer(one, other, most));
        });
    }

    private Answer answer(List<StreamView> watches, List<StreamView> attaches, int most) {
        List<StreamView> all = new ArrayList<>(watches);
        all.addAll(attaches);
        all.sort(Comparator.comparingLong(StreamView::pendingBytes)
                .reversed()
                .thenComparing(StreamView::kind)
                .thenComparing(StreamView::id));
        boolean truncated = all.size() > most;
        return new Answer(
                hub.stats().streams(),
                sessions.links().all().size(),
                truncated,
                truncated ? List.copyOf(all.subList(0, most)) : all);
    }

    /** One open stream with its subscriptions. */
    @ReadOperation
    public Mono<StreamView> one(@Selector String id) {
        return Operators.answer(() -> {
            WatchStream stream = hub.find(id);
            if (stream != null) {
                return on(
                        stream.executor(),
                        () -> StreamView.of(stream.figures(), stream.subscriptionFigures(SUBSCRIPTIONS)));
            }
            SessionLink link = link(id);
            return on(link.executor(), () -> StreamView.of(link.figures()));
        });
    }

    /** Ends a stream with {@code KICKED}: the client is told, and comes back by its cursor or resumes its session. */
    @DeleteOperation
    public Mono<Kicked> kick(@Selector String id) {
        return Operators.answer(() -> {
            WatchStream stream = hub.find(id);
            if (stream != null) {
                return on(stream.executor(), () -> {
                    stream.end(CloseCause.KICKED, KICKED, KICKED_RETRY_AFTER);
                    return kicked(id);
                });
            }
            SessionLink link = link(id);
            return on(link.executor(), () -> {
                link.end(new SessionEnd(CloseCause.KICKED, KICKED, KICKED_RETRY_AFTER, null));
                return kicked(id);
            });
        });
    }

    private static Kicked kicked(String id) {
        return new Kicked(id, CloseCause.KICKED, KICKED_RETRY_AFTER.toMillis());
    }

    private SessionLink link(String id) {
        SessionLink link = sessions.links().find(id);
        if (link == null) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "No stream \"" + Operators.shown(id) + "\" is open on this server.");
        }
        return link;
    }

    private CompletableFuture<List<StreamView>> watches(StreamFilter filter, int most) {
        return hub.list(filter, most)
                .thenApply(found -> found.stream().map(StreamView::of).toList());
    }

    private CompletableFuture<List<StreamView>> links(StreamFilter filter, int most) {
        Map<Executor, List<SessionLink>> byExecutor =
                sessions.links().all().stream().collect(Collectors.groupingBy(SessionLink::executor));
        List<CompletableFuture<List<LinkFigures>>> parts = new ArrayList<>();
        byExecutor.forEach((executor, links) -> parts.add(on(
                executor,
                () -> links.stream()
                        .map(SessionLink::figures)
                        .filter(figures -> filter.matchesPeer(figures.peer()))
                        .limit(most)
                        .toList())));
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done -> parts.stream()
                        .flatMap(part -> part.join().stream())
                        .map(StreamView::of)
                        .toList());
    }

    private static <T> CompletableFuture<T> on(Executor executor, Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, executor);
    }

    private static CompletableFuture<List<StreamView>> none() {
        return CompletableFuture.completedFuture(List.of());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
