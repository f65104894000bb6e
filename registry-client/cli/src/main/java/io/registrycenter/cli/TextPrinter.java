package io.registrycenter.cli;

import io.registrycenter.cli.Style.Colour;
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
import java.util.Map;
import java.util.stream.Collectors;

/** Lines for people. Text from the registry is shown without control characters. */
final class TextPrinter implements Printer {
    private final PrintStream out;
    private final Style style;

    TextPrinter(PrintStream out, Style style) {
        this.out = out;
        this.style = style;
    }

    private synchronized void line(Colour colour, String text) {
        out.println(style.paint(colour, printable(text)));
        out.flush();
    }

    private synchronized void table(Table table, String below) {
        List<String> lines = table.lines();
        if (lines.size() > 1) {
            out.println(style.paint(Colour.HEADING, lines.getFirst()));
            lines.stream().skip(1).map(TextPrinter::printable).forEach(out::println);
        }
        out.println(below);
        out.flush();
    }

    @Override
    public void connected(Connected connected) {
        String where =
                connected.node().isEmpty() ? connected.target() : connected.node() + " (" + connected.target() + ")";
        if (connected.resumed()) {
            String at = connected.cursor() == null ? "" : " at revision " + connected.revision();
            line(Colour.LINK, "resumed" + at + " on " + where);
        } else {
            line(Colour.LINK, "connected to " + where);
        }
    }

    /** A link that lived says what is known of its end; an attempt that came to nothing only why. */
    @Override
    public void lost(DisconnectReport report) {
        String next = report.retries() ? ", next attempt in " + seconds(report.nextAttemptIn()) : ", not tried again";
        if (report.phase() == DisconnectReport.Phase.CONNECTING) {
            line(Colour.TROUBLE, "no connection: " + report.cause() + next);
            return;
        }
        String who = report.origin().name().toLowerCase(Locale.ROOT);
        String detail = report.detail().isEmpty() ? "" : ": " + report.detail();
        line(Colour.TROUBLE, "lost: " + report.cause() + " (" + who + detail + ")" + next);
    }

    @Override
    public void stale(Duration staleFor, int instances) {
        line(Colour.TROUBLE, "stale for " + seconds(staleFor) + ", " + count(instances, "instance") + " kept");
    }

    @Override
    public void snapshot(ViewChange snapshot) {
        String reason = snapshot.snapshot() == null ? "" : ", " + snapshot.snapshot();
        table(
                table(snapshot.instances()),
                count(snapshot.instances().size(), "instance") + " of " + snapshot.interest() + " at revision "
                        + snapshot.cursor().revision() + reason);
    }

    @Override
    public void change(Change change) {
        String name = change.service() + "/" + change.instanceId();
        String at = "  revision " + change.revision();
        switch (change) {
            case Change.Put put -> {
                Instance instance = put.instance();
                boolean added = put.previous() == null;
                line(
                        added ? Colour.ADDED : Colour.CHANGED,
                        (added ? "+ " : "~ ") + name + "  " + instance.status() + "  " + endpoints(instance)
                                + metadata(instance, "  ") + at);
            }
            case Change.Removal removal -> line(Colour.REMOVED, "- " + name + "  " + removal.reason() + at);
        }
    }

    @Override
    public void registered(String namespace, String service, String id, Cursor cursor) {
        line(Colour.ADDED, "registered " + namespace + "/" + service + "/" + id + " at revision " + cursor.revision());
    }

    @Override
    public void deregistered(String namespace, String service, String id) {
        line(Colour.REMOVED, "deregistered " + namespace + "/" + service + "/" + id);
    }

    @Override
    public void instanceLost(String namespace, String service, String id, LostReason reason) {
        line(Colour.TROUBLE, namespace + "/" + service + "/" + id + " is not ours any more: " + reason);
    }

    @Override
    public void services(String namespace, ServiceList services) {
        Table table = new Table("SERVICE", "INSTANCES", "UP");
        for (ServiceSummary service : services.services()) {
            table.row(service.name(), Integer.toString(service.instances()), Integer.toString(service.up()));
        }
        table(
                table,
                count(services.services().size(), "service") + " in " + namespace + " at revision "
                        + services.cursor().revision() + stale(services.stale()));
    }

    @Override
    public void instances(InstanceList instances) {
        table(
                table(instances.instances()),
                count(instances.instances().size(), "instance") + " at revision "
                        + instances.cursor().revision() + stale(instances.stale()));
    }

    private static Table table(List<Instance> instances) {
        Table table = new Table("SERVICE", "ID", "STATUS", "ENDPOINTS", "ZONE", "WEIGHT", "REVISION", "METADATA");
        for (Instance instance : instances) {
            table.row(
                    instance.service(),
                    instance.id(),
                    instance.status().name(),
                    endpoints(instance),
                    instance.zone().isEmpty() ? "-" : instance.zone(),
                    Integer.toString(instance.weight()),
                    Long.toString(instance.modifiedRevision()),
                    metadata(instance, ""));
        }
        return table;
    }

    private static String endpoints(Instance instance) {
        if (instance.endpoints().isEmpty()) {
            return "-";
        }
        return instance.endpoints().stream().map(TextPrinter::endpoint).collect(Collectors.joining(","));
    }

    private static String endpoint(Endpoint endpoint) {
        return endpoint.name() + "=" + endpoint.host() + ":" + endpoint.port() + (endpoint.tls() ? "/tls" : "");
    }

    private static String metadata(Instance instance, String before) {
        if (instance.metadata().isEmpty()) {
            return "";
        }
        return instance.metadata().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(",", before, ""));
    }

    private static String stale(boolean stale) {
        return stale ? ", stale: the server has lost its store" : "";
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Metadata are a stranger's: no escape sequences on the terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
