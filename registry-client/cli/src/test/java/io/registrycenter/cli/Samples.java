package io.registrycenter.cli;

import io.registrycenter.client.Change;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Connected;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.DisconnectReport;
import io.registrycenter.client.Endpoint;
import io.registrycenter.client.Instance;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.InstanceStatus;
import io.registrycenter.client.Interest;
import io.registrycenter.client.LostReason;
import io.registrycenter.client.RemovalReason;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.ServiceSummary;
import io.registrycenter.client.SnapshotReason;
import io.registrycenter.client.StreamKind;
import io.registrycenter.client.ViewChange;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Fixed things to print, one of each. */
final class Samples {
    static final Cursor CURSOR = new Cursor("e1", 17);
    static final Instance INSTANCE = new Instance(
            "orders",
            "a1",
            List.of(new Endpoint("grpc", "127.0.0.1", 7001, false)),
            "z1",
            100,
            Map.of("track", "blue", "note", "\"\u001b[31m\n"),
            InstanceStatus.UP,
            16,
            17);

    private Samples() {}

    static Connected connected(boolean resumed) {
        return new Connected(StreamKind.WATCH, "127.0.0.1:9090", "node-a", "s-1", resumed, CURSOR);
    }

    static DisconnectReport lost() {
        return new DisconnectReport(
                StreamKind.WATCH,
                "127.0.0.1:9090",
                "s-1",
                CloseCause.PEER_RESET,
                false,
                DisconnectReport.Phase.LIVE,
                Duration.ofMillis(1234),
                Duration.ofMillis(56),
                "",
                1,
                Duration.ofMillis(700),
                true);
    }

    static ViewChange snapshot() {
        return new ViewChange(
                Interest.service("default", "orders"),
                SnapshotReason.INITIAL,
                List.of(),
                List.of(INSTANCE),
                CURSOR,
                false);
    }

    /** Everything a printer can tell, in the order of the README's table. */
    static void all(Printer printer) {
        printer.connected(connected(false));
        printer.connected(connected(true));
        printer.lost(lost());
        printer.stale(Duration.ofSeconds(3), 2);
        printer.snapshot(snapshot());
        printer.change(new Change.Put(INSTANCE, null, 17));
        printer.change(new Change.Removal(INSTANCE, RemovalReason.SESSION_EXPIRED, 18));
        printer.registered("default", "orders", "a1", CURSOR);
        printer.deregistered("default", "orders", "a1");
        printer.instanceLost("default", "orders", "a1", LostReason.REPLACED);
        printer.services("default", new ServiceList(CURSOR, List.of(new ServiceSummary("orders", 2, 1)), false));
        printer.instances(new InstanceList(CURSOR, List.of(INSTANCE), true));
    }

    static List<String> printed(Function<PrintStream, Printer> printer, Consumer<Printer> calls) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        calls.accept(printer.apply(new PrintStream(bytes, false, StandardCharsets.UTF_8)));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
