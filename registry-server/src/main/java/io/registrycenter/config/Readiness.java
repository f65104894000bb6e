package io.registrycenter.config;

import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainState;
import io.registrycenter.observe.NodeHealth;
import io.registrycenter.store.Store;
import io.registrycenter.view.Freshness;
import io.registrycenter.view.View;

/** Whether new clients should come to this node, and why not. Any thread; a few field reads. */
final class Readiness {

    private final Store store;
    private final View view;
    private final Drain drain;

    Readiness(Store store, View view, Drain drain) {
        this.store = store;
        this.view = view;
        this.drain = drain;
    }

    boolean serving() {
        return view.freshness() == Freshness.CURRENT
                && store.writeObstacle() == null
                && drain.state() == DrainState.SERVING;
    }

    NodeHealth.Facts facts() {
        DrainState leaving = drain.state();
        Freshness freshness = view.freshness();
        String obstacle = store.writeObstacle();
        return new NodeHealth.Facts(
                leaving != DrainState.SERVING
                        ? NodeHealth.Condition.DRAINING
                        : freshness == Freshness.CURRENT && obstacle == null
                                ? NodeHealth.Condition.SERVING
                                : NodeHealth.Condition.OUT_OF_SERVICE,
                switch (freshness) {
                    case CURRENT -> "the view follows the store";
                    case CATCHING_UP -> "the view is still reading the history";
                    case CUT_OFF ->
                        "the store is out of reach, what is served is the last that was known; it goes on by itself";
                    case REREADING ->
                        "the history does not lead from what is known to what is: the whole state is read anew, what is served"
                                + " is the last that was known; it goes on by itself";
                    case LOST -> "the store is lost, what is served is the last that was known: restart the server";
                },
                obstacle == null ? "taken" : "refused: " + obstacle,
                switch (leaving) {
                    case SERVING -> "not leaving";
                    case ASKING -> "leaving: new streams are refused, clients are asked to move";
                    case MOVING -> "leaving: connections are being sent away";
                    case DRAINED -> "drained: no stream is left, unary calls are served until the process stops";
                },
                view.revision(),
                store.head(),
                store.freeBytes(),
                view.staleFor());
    }
}
