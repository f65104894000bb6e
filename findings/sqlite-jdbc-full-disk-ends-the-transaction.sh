#!/usr/bin/env bash
# A full disk inside a JDBC transaction on SQLite: the connection silently stops being transactional, and stays so.
#
# Guess: after the error of the full disk the transaction is still open. rollback() undoes it, and the next
#        statement begins a new transaction, because the connection still says autoCommit=false.
# Seen:  org.xerial:sqlite-jdbc 3.53.4.0 on JDK 25, journal modes "delete" and "wal". SQLite itself has rolled the
#        transaction back with the error. rollback() and commit() each throw "no transaction is active" and begin
#        nothing. getAutoCommit() still answers false, but every following statement is durable by itself: a second
#        connection sees it before any commit, and a later rollback() does not take it back. It lasts until repaired:
#        setAutoCommit(true), which throws but changes the mode, and then setAutoCommit(false); or a new connection.
# Why it matters: a store that writes a record and its journal entry in one transaction loses that guarantee for all
#        following writes after one full disk, and whoever follows the journal as a stream never sees half of them.
# Runs with: bash, a JDK 21 or newer, Maven.
set -euo pipefail
. "$(dirname "$0")/java.bash"
version=3.53.4.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jdk=$(jdk21_home)
maven_jars "$work" org.xerial sqlite-jdbc "$version"

cat > "$work/FullDisk.java" <<'JAVA'
import java.nio.file.*;
import java.sql.*;

public class FullDisk {
  interface Step { void run() throws SQLException; }
  static boolean changed;

  public static void main(String[] args) throws Exception {
    for (String journal : new String[] {"delete", "wal"}) {
      for (String repair : new String[] {"rollback", "commit", "setAutoCommit", "new connection"}) {
        System.out.println("journal " + journal + ", after the error: " + repair);
        run("jdbc:sqlite:" + Files.createTempFile("full", ".db"), journal, repair);
      }
    }
    System.exit(changed ? 1 : 0);
  }

  static void run(String url, String journal, String repair) throws SQLException {
    Connection c = DriverManager.getConnection(url);
    execute(c, "pragma journal_mode=" + journal);
    execute(c, "create table t(k text, v blob)");
    execute(c, "pragma max_page_count=20"); // stands for a disk with room for 20 pages
    c.setAutoCommit(false);
    execute(c, "insert into t values('early', 'x')");
    check("early is not seen from outside", seen(url, "early") == 0);
    String full = error(() -> execute(c, "insert into t values('big', zeroblob(900000))"));
    check("the big insert fails: " + full, full.contains("SQLITE_FULL"));
    check("getAutoCommit() is still false", !c.getAutoCommit());

    Connection next = c;
    boolean repaired = true;
    switch (repair) {
      case "rollback", "commit" -> {
        String said = error(repair.equals("commit") ? c::commit : c::rollback);
        check(repair + "() throws: " + said, said.contains("no transaction is active"));
        repaired = false;
      }
      case "setAutoCommit" -> {
        String said = error(() -> c.setAutoCommit(true));
        check("setAutoCommit(true) throws: " + said, said.contains("no transaction is active"));
        check("but getAutoCommit() is now true", c.getAutoCommit());
        c.setAutoCommit(false);
      }
      default -> {
        c.close();
        next = DriverManager.getConnection(url);
        next.setAutoCommit(false);
      }
    }

    Connection used = next;
    execute(used, "insert into t values('one', 'x')");
    execute(used, "insert into t values('two', 'x')");
    int early = seen(url, "early"), one = seen(url, "one"), two = seen(url, "two");
    String rolled = error(used::rollback);
    int left = seen(url, "one") + seen(url, "two");
    check("early is gone", early == 0);
    if (repaired) {
      check("one and two are not seen before commit()", one == 0 && two == 0);
      check("rollback() works and takes both back", rolled.isEmpty() && left == 0);
    } else {
      check("one and two are seen from outside before any commit()", one == 1 && two == 1);
      check("rollback() throws again and both stay", rolled.contains("no transaction is active") && left == 2);
    }
    used.close();
  }

  static void execute(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
    }
  }

  static int seen(String url, String key) throws SQLException {
    try (Connection c = DriverManager.getConnection(url); Statement s = c.createStatement();
        ResultSet r = s.executeQuery("select count(*) from t where k='" + key + "'")) {
      return r.getInt(1);
    }
  }

  static String error(Step step) {
    try {
      step.run();
      return "";
    } catch (SQLException e) {
      return e.getMessage();
    }
  }

  static void check(String what, boolean holds) {
    System.out.println((holds ? "  as described: " : "  CHANGED, not so: ") + what);
    changed |= !holds;
  }
}
JAVA

echo "guess: rollback() undoes the transaction, the next statement begins a new one"
echo "sqlite-jdbc $version, $("$jdk/bin/java" -version 2>&1 | head -n 1)"
"$jdk/bin/java" -Djava.io.tmpdir="$work" \
  --enable-native-access=ALL-UNNAMED -cp "$work/lib/*" "$work/FullDisk.java"
echo "seen: after rollback() or commit() every statement is durable alone"
echo "      setAutoCommit(true) and then false, or a new connection, repairs it"
