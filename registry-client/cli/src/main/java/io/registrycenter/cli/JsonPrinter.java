package io.registrycenter.cli;

import io.registrycenter.client.Change;
import io.registrycenter.client.Connected;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Endpoint;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.ServiceSummary;
import io.registrycenter.client.ViewChange;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; README.md documents every event and field. */
final class JsonPrinter implements Printer {
    private final PrintStream out;

    JsonPrinter(PrintStream out) {
        this.out = out;
    }

    private void line(Json json) {
        out.println(json);
        out.flush();
    }

    @Override
    public void connected(Connected connected) {
        Json json = Json.event(connected.resumed() ? "resumed" : "connected")
                .add("stream", connected.stream().name().toLowerCase(Locale.ROOT))
                .add("target", connected.target())
                .add("node", connected.node())
                .add("stream_id", connected.streamId());
        line(cursor(json, connected.cursor()));
    }

    @Override
    public void lost(DisconnectReport report) {
        line(Json.event("lost")
                .add("stream", report.stream().name().toLowerCase(Locale.ROOT))
                .add("target", report.target())
                .add("stream_id", report.streamId())
                .add("cause", report.cause().name())
                .add("origin", report.origin().name().toLowerCase(Locale.ROOT))
                .add("phase", report.phase().name().toLowerCase(Locale.ROOT))
                .add("age_ms", report.age().toMillis())
                .add("idle_ms", report.idle().toMillis())
                .add("detail", report.detail())
                .add("failures", report.failures())
                .add("retries", report.retries())
                .add("next_attempt_ms", report.nextAttemptIn().toMillis()));
    }

    @Override
    public void stale(Duration staleFor, int instances) {
        line(Json.event("stale").add("stale_for_ms", staleFor.toMillis()).add("instances", instances));
    }

    @Override
    public void snapshot(ViewChange snapshot) {
        Json json = Json.event("snapshot")
                .add("namespace", snapshot.interest().namespace())
                .add("service", snapshot.interest().service())
                .add(
                        "reason",
                        snapshot.snapshot() == null ? "" : snapshot.snapshot().name());
        line(cursor(json, snapshot.cursor())
                .add(
                        "instances",
                        snapshot.instances().stream().map(JsonPrinter::instance).toList()));
    }

    @Override
    public void change(Change change) {
        Json json = Json.event(change instanceof Change.Put ? "put" : "removal")
                .add("service", change.service())
                .add("id", change.instanceId())
                .add("revision", change.revision());
        line(
                switch (change) {
                    case Change.Put put ->
                        json.add("new", put.previous() == null).add("instance", instance(put.instance()));
                    case Change.Removal removal ->
                        json.add("reason", removal.reason().name());
                });
    }

    @Override
    public void registered(String namespace, String service, String id, Cursor cursor) {
        line(cursor(own("registered", namespace, service, id), cursor));
    }

    @Override
    public void deregistered(String namespace, String service, String id) {
        line(own("deregistered", namespace, service, id));
    }

    @Override
    public void instanceLost(String namespace, String service, String id, LostReason reason) {
        line(own("instance_lost", namespace, service, id).add("reason", reason.name()));
    }

    @Override
    public void services(String namespace, ServiceList services) {
        List<Json> all = services.services().stream().map(JsonPrinter::service).toList();
        line(cursor(Json.event("services").add("namespace", namespace), services.cursor())
                .add("stale", services.stale())
                .add("services", all));
    }

    @Override
    public void instances(InstanceList instances) {
        line(cursor(Json.event("instances"), instances.cursor())
                .add("stale", instances.stale())
                .add(
                        "instances",
                        instances.instances().stream()
                                .map(JsonPrinter::instance)
                                .toList()));
    }

    private static Json own(String event, String namespace, String service, String id) {
        return Json.event(event)
                .add("namespace", namespace)
                .add("service", service)
                .add("id", id);
    }

    private static Json cursor(Json json, @Nullable Cursor cursor) {
        return json.add("epoch", cursor == null ? "" : cursor.epoch())
                .add("revision", cursor == null ? 0 : cursor.revision());
    }

    private static Json service(ServiceSummary service) {
        return new Json()
                .add("name", service.name())
                .add("instances", service.instances())
                .add("up", service.up());
    }

    private static Json instance(Instance instance) {
        return new Json()
                .add("service", instance.service())
                .add("id", instance.id())
                .add("status", instance.status().name())
                .add("zone", instance.zone())
                .add("weight", instance.weight())
                .add(
                        "endpoints",
                        instance.endpoints().stream().map(JsonPrinter::endpoint).toList())
                .add("metadata", instance.metadata())
                .add("created_revision", instance.createdRevision())
                .add("modified_revision", instance.modifiedRevision());
    }

    private static Json endpoint(Endpoint endpoint) {
        return new Json()
                .add("name", endpoint.name())
                .add("host", endpoint.host())
                .add("port", endpoint.port())
                .add("tls", endpoint.tls());
    }
}
