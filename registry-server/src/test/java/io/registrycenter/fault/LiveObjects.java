package io.registrycenter.fault;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;

/** What the heap of this process holds, after a full collection. */
final class LiveObjects {

    /** One of each for a connection, a stream, a subscription: whatever still refers to one (a timer, a queue) keeps it. */
    private static final List<String> OF_STREAMS = List.of(
            "io.registrycenter.grpc.GrpcConnection",
            "io.registrycenter.grpc.WatchCall",
            "io.registrycenter.grpc.SessionCall",
            "io.registrycenter.watch.WatchStream",
            "io.registrycenter.watch.Subscription");

    private LiveObjects() {}

    /** Objects of connections, streams and subscriptions, by class; none is left out. */
    static Map<String, Long> ofStreams() {
        Map<String, Long> found = new TreeMap<>();
        for (String line : histogram().split("\n", -1)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length >= 4 && OF_STREAMS.contains(columns[3])) {
                found.merge(columns[3], Long.parseLong(columns[1]), Long::sum);
            }
        }
        return found;
    }

    /** Of all live objects together. */
    static long bytes() {
        for (String line : histogram().split("\n", -1)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns[0].equals("Total")) {
                return Long.parseLong(columns[2]);
            }
        }
        throw new AssertionError("a histogram without a total");
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new AssertionError("no histogram of the heap", e);
        }
    }
}
