#!/usr/bin/env bash
# Resilience4j's randomized exponential backoff stops being random once it has reached its longest wait.
#
# Guess: ofExponentialRandomBackoff(first, multiplier, factor, longest) spreads every wait by the factor, also those at
#        the longest: either the spread is taken below the limit, or around it.
# Seen:  io.github.resilience4j:resilience4j-core 2.4.0 on JDK 25. The spread is added first and the result is cut off
#        at the limit afterwards. With 500 ms, multiplier 2, factor 0.5 and a limit of 10 s, the fifth wait (8 s) is
#        exactly 10 s for a quarter of the callers, the sixth for seven of eight, and from the seventh on all callers
#        wait exactly 10 s. Other factors (0.1 to 0.9) end the same way.
# Why it matters: in a long outage all clients reach the limit. What spread they then have is from earlier waits and is
#        never renewed: clients that once fail together come back together every time, as one crowd of connects.
# Runs with: bash, a JDK 21 or newer, Maven.
set -euo pipefail
. "$(dirname "$0")/java.bash"
version=2.4.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jdk=$(jdk21_home)
maven_jars "$work" io.github.resilience4j resilience4j-core "$version"

cat > "$work/Backoff.java" <<'JAVA'
import io.github.resilience4j.core.IntervalFunction;
import java.util.*;

public class Backoff {
  static final int CALLERS = 10_000;
  static final long LIMIT = 10_000;
  static boolean changed;

  public static void main(String[] args) {
    IntervalFunction backoff = IntervalFunction.ofExponentialRandomBackoff(500L, 2.0, 0.5, LIMIT);
    System.out.println("500 ms, multiplier 2, factor 0.5, limit " + LIMIT + " ms, " + CALLERS + " callers:");
    for (int attempt = 1; attempt <= 12; attempt++) {
      long least = Long.MAX_VALUE;
      long most = 0;
      int same = 0;
      Set<Long> different = new HashSet<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        long wait = backoff.apply(attempt);
        least = Math.min(least, wait);
        most = Math.max(most, wait);
        different.add(wait);
        if (wait == LIMIT) {
          same++;
        }
      }
      System.out.printf("  wait %2d: %5d to %5d ms, %5d different, exactly the limit: %5d%n",
          attempt, least, most, different.size(), same);
      switch (attempt) {
        case 1, 2, 3, 4 -> check("spread, none at the limit", same == 0 && different.size() > 100);
        case 5 -> check("about a quarter at the limit", same > CALLERS * 0.20 && same < CALLERS * 0.30);
        case 6 -> check("about seven of eight at the limit", same > CALLERS * 0.83 && same < CALLERS * 0.92);
        default -> check("all at the limit", same == CALLERS && different.size() == 1);
      }
    }
    System.out.println("the same at the limit with other factors:");
    for (double factor : new double[] {0.1, 0.25, 0.75, 0.9}) {
      IntervalFunction other = IntervalFunction.ofExponentialRandomBackoff(500L, 2.0, factor, LIMIT);
      Set<Long> different = new TreeSet<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        different.add(other.apply(30));
      }
      check("factor " + factor + ", wait 30: " + different, different.equals(Set.of(LIMIT)));
    }
    System.exit(changed ? 1 : 0);
  }

  static void check(String what, boolean holds) {
    System.out.println((holds ? "    as described: " : "    CHANGED, not so: ") + what);
    changed |= !holds;
  }
}
JAVA

echo "guess: every wait is spread by the factor, also at the limit"
echo "resilience4j-core $version, $("$jdk/bin/java" -version 2>&1 | head -n 1)"
"$jdk/bin/java" -cp "$work/lib/*" "$work/Backoff.java"
echo "seen: the limit is applied after the spread, so at the limit there is none"
