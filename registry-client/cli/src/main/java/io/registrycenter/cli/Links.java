package io.registrycenter.cli;

import io.registrycenter.client.Connected;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.LinkListener;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.View;
import io.registrycenter.client.Watch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tells about the link, and after its loss how old the view of the watch is. Called one at a time by the client. */
final class Links implements LinkListener {
    private final Printer printer;
    private final AtomicReference<@Nullable Watch> watch = new AtomicReference<>();
    private volatile String lastLoss = "";

    Links(Printer printer) {
        this.printer = printer;
    }

    void watching(Watch newWatch) {
        watch.set(newWatch);
    }

    /** Why the newest attempt failed, as the end of a sentence; empty when none did. */
    String lastLoss() {
        return lastLoss;
    }

    @Override
    public void onConnected(Connected connected) {
        printer.connected(connected);
    }

    @Override
    public void onDisconnected(DisconnectReport report) {
        lost(report);
    }

    @Override
    public void onAttemptFailed(DisconnectReport report) {
        lost(report);
    }

    private void lost(DisconnectReport report) {
        lastLoss = ": " + report.cause() + (report.detail().isEmpty() ? "" : " (" + report.detail() + ")");
        printer.lost(report);
        Watch watched = watch.get();
        if (watched != null && report.stream() == StreamKind.WATCH && report.retries()) {
            View view = watched.view();
            if (view.cursor() != null && view.stale()) {
                printer.stale(view.staleFor(), view.instances().size());
            }
        }
    }
}
