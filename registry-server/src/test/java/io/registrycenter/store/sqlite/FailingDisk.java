package io.registrycenter.store.sqlite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A disk that fails when it is told to: SQLite's real errors where its settings can cause them, else the driver's. */
final class FailingDisk implements WriterOpener {

    /** Refuses after one more try, and looks often whether the disk works again, so that tests need not wait. */
    private static final WriteRetry.Times IMPATIENT =
            new WriteRetry.Times(Duration.ofMillis(20), Duration.ofMillis(2), Duration.ofMillis(10));

    private static final WriteRetry.Times PATIENT =
            new WriteRetry.Times(Duration.ofSeconds(30), Duration.ofMillis(2), Duration.ofMillis(10));

    /** How it fails. */
    enum Fault {
        NONE(SQLiteErrorCode.SQLITE_OK),
        /** No page can be added: a real SQLITE_FULL, also in the middle of a transaction. */
        FULL(SQLiteErrorCode.SQLITE_FULL),
        /** Nothing can be written: a real SQLITE_READONLY. */
        READ_ONLY(SQLiteErrorCode.SQLITE_READONLY),
        /** Another program holds the lock. */
        BUSY(SQLiteErrorCode.SQLITE_BUSY),
        /** A write fails before it is carried out. */
        IO_BEFORE(SQLiteErrorCode.SQLITE_IOERR_WRITE),
        /** A write is carried out and then reported as failed, as where the last step, forcing it, fails. */
        IO_AFTER(SQLiteErrorCode.SQLITE_IOERR_FSYNC);

        private final SQLiteErrorCode code;

        Fault(SQLiteErrorCode code) {
            this.code = code;
        }
    }

    private volatile Fault fault = Fault.NONE;
    private volatile boolean passesWithTheConnection;
    private volatile @Nullable Connection newest;

    /** For a store that soon refuses what it cannot write. */
    SqliteStore.Options impatient() {
        return new SqliteStore.Options(Limits.DEFAULT, this, IMPATIENT, 0);
    }

    /** For a store that tries for longer than a test lasts. */
    SqliteStore.Options patient() {
        return new SqliteStore.Options(Limits.DEFAULT, this, PATIENT, 0);
    }

    /** Fails from now on, until it is told to work. */
    void fail(Fault how) throws SQLException {
        passesWithTheConnection = false;
        set(how);
    }

    /** Fails until the connection is renewed. */
    void failOnce(Fault how) throws SQLException {
        passesWithTheConnection = true;
        set(how);
    }

    void work() {
        fault = Fault.NONE;
    }

    private void set(Fault how) throws SQLException {
        fault = how;
        Connection open = newest;
        if (open != null) {
            limit(open);
        }
    }

    private void limit(Connection open) throws SQLException {
        try (Statement statement = open.createStatement()) {
            switch (fault) {
                case FULL -> statement.execute("PRAGMA max_page_count=1"); // Never below the pages there are.
                case READ_ONLY -> statement.execute("PRAGMA query_only=ON");
                default -> {}
            }
        }
    }

    @Override
    public Connection open(Path database, long walBytes) throws SQLException {
        if (passesWithTheConnection) {
            fault = Fault.NONE;
        }
        if (fault == Fault.FULL || fault == Fault.BUSY) {
            throw failure();
        }
        Connection real = Database.openWriter(database, walBytes);
        newest = real;
        limit(real);
        return (Connection) Proxy.newProxyInstance(
                FailingDisk.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    Object answer = call(method, real, args);
                    return answer instanceof PreparedStatement prepared ? statement(prepared) : answer;
                });
    }

    private PreparedStatement statement(PreparedStatement real) {
        return (PreparedStatement) Proxy.newProxyInstance(
                FailingDisk.class.getClassLoader(), new Class<?>[] {PreparedStatement.class}, (proxy, method, args) -> {
                    boolean writes = method.getName().equals("executeUpdate");
                    if (writes && (fault == Fault.IO_BEFORE || fault == Fault.BUSY)) {
                        throw failure();
                    }
                    Object answer = call(method, real, args);
                    if (writes && fault == Fault.IO_AFTER) {
                        throw failure();
                    }
                    return answer;
                });
    }

    private SQLiteException failure() {
        return new SQLiteException("[" + fault.code.name() + "] (of the test)", fault.code);
    }

    private static @Nullable Object call(Method method, Object target, Object @Nullable [] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
