package io.registrycenter.e2e.cluster;

import io.registrycenter.e2e.process.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a test asks one member of etcd, over its JSON gateway: nothing of the server under test is used. Immutable. */
record EtcdCalls(int port) {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    /** A record that was written: its key below the prefix, and where. */
    record Written(long revision, String path) {}

    /** Whether this member says that it leads; one that does not answer does not. */
    boolean leads() {
        try {
            Event status = post("/v3/maintenance/status", Map.of());
            return !status.text("leader").isEmpty()
                    && status.text("leader").equals(status.part("header").text("member_id"));
        } catch (IOException silent) {
            return false;
        }
    }

    /** The newest revision. */
    long revision() {
        return head(call("/v3/kv/range", Map.of("key", base64("/"), "keys_only", true)));
    }

    /** Forgets all states before a revision. */
    void compact(long revision) {
        call("/v3/kv/compaction", Map.of("revision", Long.toString(revision), "physical", true));
    }

    /**
     * Every put of a key that begins with a prefix, from a revision on to the newest there is now.
     *
     * @param end a key above all of these that is nobody's: it is written, so that the watch, which has no end, says when it
     *     has told everything
     */
    List<Written> putsSince(long revision, String prefix, String end) {
        Map<String, Object> create = Map.of(
                "key", base64(prefix),
                "range_end", base64(end + "0"),
                "start_revision", Long.toString(revision));
        long last = head(call("/v3/kv/put", Map.of("key", base64(end), "value", "")));
        List<Written> puts = new ArrayList<>();
        HttpRequest request = request("/v3/watch", Map.of("create_request", create), Duration.ofSeconds(60));
        try (Stream<String> lines =
                HTTP.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            for (String line : (Iterable<String>) lines::iterator) {
                for (Event event : Event.of(line).part("result").each("events").toList()) {
                    Event pair = event.part("kv");
                    long at = Long.parseLong(pair.text("mod_revision"));
                    String key = text(pair.text("key"));
                    if (at >= last) {
                        return puts;
                    }
                    if (key.startsWith(prefix) && !event.text("type").equals("DELETE")) {
                        puts.add(new Written(at, key.substring(prefix.length())));
                    }
                }
            }
            throw new AssertionError("etcd ended the watch of its history");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while reading etcd's history", e);
        }
    }

    private static long head(Event response) {
        return Long.parseLong(response.part("header").text("revision"));
    }

    private Event call(String path, Map<String, Object> body) {
        try {
            return post(path, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Event post(String path, Map<String, Object> body) throws IOException {
        try {
            HttpResponse<String> response =
                    HTTP.send(request(path, body, TIMEOUT), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("etcd answered " + response.statusCode() + ": " + response.body());
            }
            return Event.of(response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while asking etcd", e);
        }
    }

    private HttpRequest request(String path, Map<String, Object> body, Duration timeout) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(timeout)
                .POST(HttpRequest.BodyPublishers.ofString(Event.write(body)))
                .build();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
