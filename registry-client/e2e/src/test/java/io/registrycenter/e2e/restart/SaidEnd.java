package io.registrycenter.e2e.restart;

import io.registrycenter.e2e.process.Program;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The end of a stream as the log of a server tells it, which it does for ends that are no part of normal operation.
 *
 * @param stream its name at the server
 * @param client as it called itself
 */
record SaidEnd(String stream, String cause, String client) {

    /** So many ends of one cause are told one by one in a minute; the others are counted. */
    static final int TOLD = 5;

    private static final Pattern LINE = Pattern.compile(" stream (\\S+) ended: cause=([A-Z_]+) .* client=(\\S+) ");

    /** All that were told so far. */
    static List<SaidEnd> of(Program server) {
        return server.lines(0).stream()
                .flatMap(line -> Stream.of(LINE.matcher(line)).filter(Matcher::find))
                .map(line -> new SaidEnd(line.group(1), line.group(2), line.group(3)))
                .toList();
    }
}
