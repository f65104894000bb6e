package io.registrycenter.cli;

import io.registrycenter.client.Change;
import io.registrycenter.client.Connected;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.ViewChange;
import java.time.Duration;

/** Tells what happened, on stdout; each call is whole lines, flushed. Any thread. */
interface Printer {
    void connected(Connected connected);

    void lost(DisconnectReport report);

    /** A watch shows what it last knew, this many instances, and nothing has proven it for this long. */
    void stale(Duration staleFor, int instances);

    void snapshot(ViewChange snapshot);

    void change(Change change);

    void registered(String namespace, String service, String id, Cursor cursor);

    void deregistered(String namespace, String service, String id);

    void instanceLost(String namespace, String service, String id, LostReason reason);

    void services(String namespace, ServiceList services);

    void instances(InstanceList instances);
}
