package io.registrycenter.e2e.swarm;

import io.registrycenter.client.InstanceList;
import io.registrycenter.e2e.process.Event;
import java.util.List;

/**
 * The comparison of one watcher's view with an answer of the registry, at the revision of the answer.
 *
 * <p>The answer may be newer than what its caller asked for, and a watcher may have been told several commits at once. So the
 * view to compare is the newest one that is not newer than the answer, and there is none where a later step brought changes
 * from before the answer together with changes from after it.
 */
final class ViewComparison {

    enum Verdict {
        EQUAL,
        DIFFERENT,
        /** The watcher went from a revision before the answer to one after it in one step. */
        NEVER_AT_THAT_REVISION
    }

    private ViewComparison() {}

    /**
     * Compares.
     *
     * @param told the {@code view} and {@code change} events of one watcher in their order, up to one newer than the answer
     */
    static Verdict of(List<Event> told, InstanceList answer) {
        long answered = answer.cursor().revision();
        Event view = told.stream()
                .filter(event -> event.is("view") && event.number("revision") <= answered)
                .reduce((older, newer) -> newer)
                .orElse(null);
        if (view == null) {
            return Verdict.NEVER_AT_THAT_REVISION;
        }
        boolean steppedOver = told.stream()
                .filter(event -> event.is("change"))
                .mapToLong(event -> event.number("revision"))
                .anyMatch(revision -> revision > view.number("revision") && revision <= answered);
        if (steppedOver) {
            return Verdict.NEVER_AT_THAT_REVISION;
        }
        return view.text("digest").equals(ViewDigest.of(answer.instances())) ? Verdict.EQUAL : Verdict.DIFFERENT;
    }
}
