package io.registrycenter.http;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.session.LinkFigures;
import io.registrycenter.watch.LadderStep;
import io.registrycenter.watch.PreviousClose;
import io.registrycenter.watch.StreamCondition;
import io.registrycenter.watch.StreamFigures;
import io.registrycenter.watch.SubscriptionFigures;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One open stream as operators see it. What a kind of stream does not have is left out.
 *
 * @param session the beginning of a session's id; the whole is a secret
 * @param phase where the stream stands in its life: a state of its own
 * @param sent lowest revision written to its subscriptions
 * @param acknowledged lowest revision the client said it had applied
 * @param oldestPendingMs how long the oldest unwritten change has waited
 * @param stalledMs how long data has waited for a transport that takes none
 * @param ladder step of the slow-client ladder, the lowest of its subscriptions
 * @param previousClose what the client told about the end of its previous stream
 */
public record StreamView(
        String id,
        Kind kind,
        String peer,
        ClientInfo client,
        @Nullable String session,
        String phase,
        StreamCondition state,
        long ageMs,
        long idleMs,
        @Nullable Integer subscriptionCount,
        @Nullable Long sent,
        @Nullable Long acknowledged,
        long pendingChanges,
        long pendingBytes,
        long oldestPendingMs,
        long stalledMs,
        @Nullable LadderStep ladder,
        @Nullable Previous previousClose,
        @Nullable List<Subscription> subscriptions) {

    /** Which service the stream belongs to. */
    public enum Kind {
        WATCH,
        ATTACH
    }

    /** What the client told. */
    public record Previous(String streamId, CloseCause cause, long idleMs, String detail) {}

    /** One subscription of the stream. */
    public record Subscription(
            String id,
            String namespace,
            String service,
            Map<String, String> labels,
            String state,
            LadderStep ladder,
            long sent,
            long pendingChanges,
            long pendingBytes) {}

    static StreamView of(StreamFigures figures) {
        return of(figures, null);
    }

    static StreamView of(StreamFigures figures, @Nullable List<SubscriptionFigures> subscriptions) {
        PreviousClose previous = figures.previousClose();
        return new StreamView(
                figures.id(),
                Kind.WATCH,
                figures.peer(),
                figures.client(),
                null,
                figures.state().name(),
                figures.condition(),
                millis(figures.ageNanos()),
                millis(figures.idleNanos()),
                figures.subscriptions(),
                figures.written(),
                figures.acknowledged(),
                figures.pendingChanges(),
                figures.pendingBytes(),
                millis(figures.oldestPendingNanos()),
                millis(figures.stalledNanos()),
                figures.step(),
                previous == null
                        ? null
                        : new Previous(
                                previous.streamId(),
                                previous.cause(),
                                previous.idle().toMillis(),
                                previous.detail()),
                subscriptions == null
                        ? null
                        : subscriptions.stream().map(StreamView::of).toList());
    }

    static StreamView of(LinkFigures figures) {
        return new StreamView(
                figures.id(),
                Kind.ATTACH,
                figures.peer(),
                figures.client(),
                figures.session().isEmpty() ? null : figures.session(),
                figures.state(),
                StreamCondition.LIVE,
                millis(figures.ageNanos()),
                millis(figures.idleNanos()),
                null,
                null,
                null,
                0,
                0,
                0,
                0,
                null,
                null,
                null);
    }

    private static Subscription of(SubscriptionFigures figures) {
        return new Subscription(
                Long.toUnsignedString(figures.id()),
                figures.interest().namespace(),
                figures.interest().service(),
                figures.interest().labels(),
                figures.state(),
                figures.step(),
                figures.written(),
                figures.pendingChanges(),
                figures.pendingBytes());
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
