#!/usr/bin/env bash
# Micrometer meters of different names that are one name for Prometheus: a meter, its value or the whole page is lost.
#
# Guess: a registry that cannot expose two meters side by side throws when the second one is registered, and a gauge is
#        exposed under its own name with its own value.
# Seen:  io.micrometer:micrometer-registry-prometheus 1.17.0 (prometheus-metrics 1.7.0) on JDK 25.
#        - A gauge "streams.total" is exposed as "streams": the ending is cut off. A counter "streams" is exposed as
#          "streams_total". With both, the one registered second is missing from the page, whichever it is. It is
#          returned, counts, and is listed by the registry. Nothing throws; a warning says so for the first such meter
#          of the process only.
#        - A timer "push" and a gauge "push.seconds.max" register without a word, but then every scrape throws, so all
#          meters are lost.
#        - A gauge "build.info" of value 9 is exposed with the value 1.
#        - Two gauges of one name with different tag keys are no trouble: both are exposed.
# Why it matters: a server that registers a meter on its first stream can lose that meter, or all of them, in production
#        while its tests, which ask the registry and not the page, are green.
# Runs with: bash, a JDK 21 or newer, Maven.
set -euo pipefail
. "$(dirname "$0")/java.bash"
version=1.17.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jdk=$(jdk21_home)
maven_jars "$work" io.micrometer micrometer-registry-prometheus "$version"

cat > "$work/Names.java" <<'JAVA'
import io.micrometer.core.instrument.*;
import io.micrometer.prometheusmetrics.*;
import java.time.Duration;
import java.util.*;
import java.util.logging.*;

public class Names {
  static final List<String> WARNINGS = new ArrayList<>();
  static boolean changed;

  public static void main(String[] args) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new Handler() {
      @Override public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
          WARNINGS.add(entry.getMessage());
        }
      }
      @Override public void flush() {}
      @Override public void close() {}
    });

    PrometheusMeterRegistry r = start("gauge streams.total = 7, then counters streams = 3 and streams_total = 4");
    r.gauge("streams.total", 7);
    Counter counter = r.counter("streams");
    counter.increment(3);
    r.counter("streams_total").increment(4);
    check("only the gauge is exposed, as streams", page(r).equals("streams 7.0"));
    check("the counter is listed and counts", r.getMeters().size() == 3 && counter.count() == 3);
    WARNINGS.forEach(w -> System.out.println("  log: " + w));
    check("one warning for two lost meters",
        WARNINGS.size() == 1 && WARNINGS.get(0).contains("registration has failed"));

    r = start("a new registry: counter streams = 3, then gauge streams.total = 7");
    r.counter("streams").increment(3);
    r.gauge("streams.total", 7);
    check("only the counter is exposed, as streams_total", page(r).equals("streams_total 3.0"));
    check("nothing was said this time", WARNINGS.isEmpty());

    r = start("counter requests = 1, timer push, then gauge push.seconds.max = 9");
    r.counter("requests").increment();
    r.timer("push").record(Duration.ofSeconds(2));
    String before = page(r);
    check("before the gauge all is there",
        before.contains("requests_total 1.0") && before.contains("push_seconds_max 2.0"));
    r.gauge("push.seconds.max", 9);
    String after = page(r);
    check("with it every scrape throws", after.startsWith("threw ") && after.equals(page(r)));
    check("nothing was said when it was registered", WARNINGS.isEmpty());

    r = start("gauge build.info = 9");
    r.gauge("build.info", 9);
    check("its value is lost", page(r).equals("build_info 1") && r.get("build.info").gauge().value() == 9);

    r = start("gauge streams{zone} = 7, then gauge streams{node} = 9");
    r.gauge("streams", Tags.of("zone", "a"), 7);
    r.gauge("streams", Tags.of("node", "n"), 9);
    check("both are exposed", page(r).equals("streams{node=\"n\"} 9.0; streams{zone=\"a\"} 7.0"));
    check("nothing was said", WARNINGS.isEmpty());
    System.exit(changed ? 1 : 0);
  }

  static PrometheusMeterRegistry start(String what) {
    System.out.println(what);
    WARNINGS.clear();
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  /** The page without its comments, on one line. */
  static String page(PrometheusMeterRegistry registry) {
    String page;
    try {
      page = String.join("; ", registry.scrape().lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList());
    } catch (RuntimeException e) {
      page = "threw " + e;
    }
    System.out.println("  page: " + page);
    return page;
  }

  static void check(String what, boolean holds) {
    System.out.println((holds ? "  as described: " : "  CHANGED, not so: ") + what);
    changed |= !holds;
  }
}
JAVA

echo "guess: what cannot be exposed side by side throws at registration; a gauge keeps its name and value"
echo "micrometer-registry-prometheus $version, $("$jdk/bin/java" -version 2>&1 | head -n 1)"
"$jdk/bin/java" -cp "$work/lib/*" "$work/Names.java"
echo "seen: a meter, the value of a gauge or the whole page is missing; at most one warning of the process says so"
