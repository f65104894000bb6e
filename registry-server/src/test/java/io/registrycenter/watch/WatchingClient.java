package io.registrycenter.watch;

import static io.registrycenter.watch.Guarantee.ATOMIC;
import static io.registrycenter.watch.Guarantee.BOOKMARKABLE;
import static io.registrycenter.watch.Guarantee.CONVERGENT;
import static io.registrycenter.watch.Guarantee.FILTERED;
import static io.registrycenter.watch.Guarantee.NO_TIME_TRAVEL;
import static io.registrycenter.watch.Guarantee.ORDERED;
import static io.registrycenter.watch.Guarantee.RELIABLE;
import static io.registrycenter.watch.Guarantee.RESUMABLE;
import static io.registrycenter.watch.Guarantee.UNIQUE;

import io.registrycenter.catalog.Change;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.Interest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client of one interest as the contract describes it: keeps a state and a cursor across streams, and checks every
 * guarantee on everything it is told. What it finds goes to the {@link Ledger}; it carries on after a breach. Not for
 * several threads at once.
 */
final class WatchingClient {

    private final long id;
    private final Interest interest;
    private final KnownHistory truth;
    private final Ledger ledger;

    // Kept across streams.
    private final Map<String, Instance> state = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();
    private @Nullable Cursor cursor;

    /** The highest revision a heartbeat has promised to be complete. */
    private long promised = -1;

    // Of one subscription on one stream.
    private final List<Told.Part> parts = new ArrayList<>();
    private @Nullable Cursor resumedFrom;
    private boolean answered;
    private boolean ended;
    private boolean changed;
    private long lastRevision = -1;

    WatchingClient(long id, Interest interest, KnownHistory truth, Ledger ledger) {
        this.id = id;
        this.interest = interest;
        this.truth = truth;
        this.ledger = ledger;
    }

    /** Its subscription's id on any stream. */
    long id() {
        return id;
    }

    Interest interest() {
        return interest;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    /** The server ended the subscription; it wants to be subscribed again. */
    boolean ended() {
        return ended;
    }

    /** Whether it has what the interest matches at a revision. */
    boolean has(long revision) {
        return state.equals(truth.stateAt(revision, interest));
    }

    /** It is subscribed anew with its cursor: the next answer is a first answer. */
    void subscribed() {
        parts.clear();
        resumedFrom = cursor;
        answered = false;
        ended = false;
        changed = false;
        lastRevision = -1;
    }

    void receive(Told told) {
        if (ended) {
            return;
        }
        ledger.met(told.getClass().getSimpleName());
        switch (told) {
            case Told.Part part -> part(part);
            case Told.Delta delta -> delta(delta);
            case Told.Heartbeat heartbeat -> heartbeat(heartbeat);
            case Told.Ended end -> {
                ledger.met(end.cause().name());
                ended = true;
            }
        }
    }

    private void part(Told.Part part) {
        if (part.part() == 0) {
            // Begun again: the server let go of the image under pressure.
            parts.clear();
        }
        ledger.check(CONVERGENT, part.part() == parts.size(), () -> "parts out of order: " + part);
        parts.add(part);
        if (!part.last()) {
            return;
        }
        ledger.met(part.reason().name());
        Cursor at = part.cursor();
        Map<String, Instance> complete = new TreeMap<>();
        for (Told.Part each : parts) {
            ledger.check(CONVERGENT, each.cursor().equals(at), () -> "parts of two snapshots: " + each);
            each.instances().forEach(instance -> complete.put(key(instance.service(), instance.id()), instance));
            each.instances()
                    .forEach(instance -> ledger.check(
                            FILTERED, asksFor(instance), () -> "not asked for by " + interest + ": " + instance));
        }
        parts.clear();
        boolean initial = part.reason() == SnapshotReason.INITIAL;
        ledger.check(
                RESUMABLE,
                answered || initial == (resumedFrom == null),
                () -> "resumed from " + resumedFrom + ", answered with snapshot " + part.reason());
        ledger.check(CONVERGENT, complete.size() == part.total(), () -> "not the total: " + part);
        isState(CONVERGENT, complete, at.revision(), "snapshot " + part.reason());
        advance(at.revision(), false);
        state.clear();
        state.putAll(complete);
        cursor = at;
        answered = true;
        changed = true;
    }

    private void delta(Told.Delta delta) {
        Cursor from = Objects.requireNonNull(cursor, "a delta needs a state to stand on");
        long revision = delta.revision();
        ledger.check(CONVERGENT, parts.isEmpty(), () -> "a delta amid the parts of a snapshot: " + delta);
        ledger.check(RELIABLE, delta.after() <= from.revision(), () -> "a gap after " + from + ": " + delta);
        ledger.check(BOOKMARKABLE, revision > promised, () -> "promised " + promised + ", then " + delta);
        if (!changed) {
            firstChange(delta);
        }
        advance(revision, true);
        Set<String> touched = apply(delta);
        if (delta.coalesced()) {
            ledger.met("coalesced");
            isState(CONVERGENT, state, revision, "coalesced delta");
        } else {
            Long missed = truth.firstChange(from.revision(), revision - 1, interest);
            ledger.check(RELIABLE, missed == null, () -> "missed " + missed + " between " + from + " and " + delta);
            Set<String> expected = truth.changedAt(revision, interest);
            ledger.check(ATOMIC, touched.containsAll(expected), () -> "of " + expected + " only " + delta);
            ledger.check(FILTERED, expected.containsAll(touched), () -> "only " + expected + " matches: " + delta);
            isState(RELIABLE, state, revision, "delta");
        }
        cursor = new Cursor(from.epoch(), revision, delta.mark());
        answered = true;
        changed = true;
    }

    /** The first change on a stream that was resumed. */
    private void firstChange(Told.Delta delta) {
        Cursor from = resumedFrom;
        if (from == null) {
            ledger.check(RESUMABLE, false, () -> "no cursor, but first a delta: " + delta);
            return;
        }
        Long first = truth.firstChange(from.revision(), delta.revision(), interest);
        ledger.check(
                RESUMABLE,
                delta.revision() > from.revision() && (delta.coalesced() || Objects.equals(first, delta.revision())),
                () -> "resumed at " + from + ", the first change is " + first + ", came " + delta);
    }

    private Set<String> apply(Told.Delta delta) {
        Set<String> touched = new HashSet<>();
        for (Change change : delta.changes()) {
            String key = switch (change) {
                case Change.Put put -> {
                    ledger.check(FILTERED, asksFor(put.instance()), () -> "not asked for by " + interest + ": " + put);
                    String put1 = key(put.instance().service(), put.instance().id());
                    state.put(put1, put.instance());
                    yield put1;
                }
                case Change.Removal removal -> {
                    String removed = key(removal.service(), removal.instanceId());
                    state.remove(removed);
                    yield removed;
                }
            };
            ledger.check(UNIQUE, touched.add(key), () -> key + " twice in " + delta);
            if (!delta.coalesced()) {
                ledger.check(UNIQUE, seen.add(delta.revision() + " " + key), () -> "again: " + delta);
            }
        }
        return touched;
    }

    private void heartbeat(Told.Heartbeat heartbeat) {
        long revision = heartbeat.cursor().revision();
        if (heartbeat.subscriptionId() == id) {
            ledger.check(RESUMABLE, !answered, () -> "a second first answer: " + heartbeat);
            ledger.check(RESUMABLE, resumedFrom != null, () -> "no cursor, but no snapshot either: " + heartbeat);
            answered = true;
        } else if (!answered) {
            return;
        }
        Cursor from = cursor;
        if (from != null && revision >= from.revision() && parts.isEmpty()) {
            isState(BOOKMARKABLE, state, revision, "heartbeat");
            promised = Math.max(promised, revision);
            cursor = heartbeat.cursor();
        }
    }

    private void advance(long revision, boolean strictly) {
        long last = lastRevision;
        Cursor before = cursor;
        ledger.check(ORDERED, strictly ? revision > last : revision >= last, () -> revision + " after " + last);
        ledger.check(
                NO_TIME_TRAVEL,
                before == null || revision >= before.revision(),
                () -> "from " + before + " back to " + revision);
        lastRevision = revision;
    }

    private void isState(Guarantee guarantee, Map<String, Instance> told, long revision, String what) {
        Map<String, Instance> expected = truth.stateAt(revision, interest);
        ledger.check(
                guarantee,
                told.equals(expected),
                () -> what + " at " + revision + " of " + interest + ": expected " + expected + " but is " + told);
    }

    private boolean asksFor(Instance instance) {
        return (interest.wholeNamespace() || interest.service().equals(instance.service()))
                && interest.matches(instance);
    }

    static String key(String service, String id) {
        return service + "/" + id;
    }
}
