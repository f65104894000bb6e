package io.registrycenter.store.sqlite;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** A failure that lies outside of the data and can pass: with room, with another mount, with the end of another program. */
enum DiskFault {
    FULL("the file system of %s is full (%s): free some space or enlarge it"),
    READ_ONLY("%s cannot be written (%s): mount its file system for writing, and let this user write there"),
    BUSY("another program holds the lock of the database in %s (%s): end it"),
    CANNOT_OPEN(
            "the database in %s cannot be opened (%s): see that its file system is mounted, and how many files this process"
                    + " may open"),
    MEMORY("SQLite gets no memory for the database in %s (%s): see how much this machine has left"),
    IO("the disk with %s fails (%s): see the system's log");

    /** The low byte of SQLite's codes names the kind of failure. */
    private static final int PRIMARY = 0xff;

    private final String sentence;

    DiskFault(String sentence) {
        this.sentence = sentence;
    }

    /** What a failure means; null when it will not pass by itself, such as damaged data or a fault of this program. */
    static @Nullable DiskFault of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SQLiteException refused -> {
                    // A file that ends too early was cut: trying again does not help.
                    return refused.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ
                                    || refused.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_CORRUPTFS
                            ? null
                            : of(refused.getResultCode().code & PRIMARY);
                }
                case NoSuchFileException missing -> {
                    return CANNOT_OPEN;
                }
                case AccessDeniedException denied -> {
                    return READ_ONLY;
                }
                case IOException failed -> {
                    return IO;
                }
                default -> {}
            }
        }
        return null;
    }

    private static @Nullable DiskFault of(int primaryCode) {
        return switch (primaryCode) {
            case 3, 8, 23 -> READ_ONLY; // SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH
            case 5, 6, 15 -> BUSY; // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL
            case 7 -> MEMORY; // SQLITE_NOMEM
            case 9, 10 -> IO; // SQLITE_INTERRUPT, SQLITE_IOERR
            case 13 -> FULL; // SQLITE_FULL
            case 14 -> CANNOT_OPEN; // SQLITE_CANTOPEN
            default -> null;
        };
    }

    /** What is wrong and what mends it, as a clause. */
    String clause(Path directory, Throwable failure) {
        return sentence.formatted(directory, failure.getMessage());
    }

    /** Whether a transaction that met this failure is known not to be in the database. */
    boolean nothingWritten() {
        return this != IO;
    }
}
