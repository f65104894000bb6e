package io.registrycenter.watch;

import io.registrycenter.Proof;
import io.registrycenter.store.Store;
import io.registrycenter.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Example;
import org.springframework.util.FileSystemUtils;

/** On real files, with the store's own threads publishing while watchers are served, and processes that start again. */
class SqliteWatchGuaranteesTest extends WatchGuarantees {

    @Override
    void run(long seed, Ledger ledger) {
        WatchSchedule.run(seed, new Engine(), ledger);
    }

    @Override
    int histories() {
        return Proof.times(1, 50);
    }

    /** A history in which the end of a subscription waited for the transport while the client subscribed anew under its id. */
    @Example
    void what_waits_to_be_said_of_a_subscription_is_not_taken_for_the_next_with_its_id() {
        long seed = 32_000_107L;
        Ledger ledger = new Ledger();
        run(seed, ledger);
        for (Guarantee guarantee : Guarantee.values()) {
            ledger.verify(guarantee, seed);
        }
    }

    private static final class Engine implements WatchEngine {

        private final Path directory;
        private Store store;

        Engine() {
            try {
                directory = Files.createTempDirectory("watch-guarantees");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            store = SqliteStore.open(directory, false);
        }

        @Override
        public Store store() {
            return store;
        }

        @Override
        public void restart() {
            store.close();
            store = SqliteStore.open(directory, false);
        }

        @Override
        public void pauseDelivery() {
            // Its thread is not ours to stop; the lagging server stands for it.
        }

        @Override
        public void resumeDelivery() {
            // See pauseDelivery.
        }

        @Override
        public void close() {
            store.close();
            try {
                FileSystemUtils.deleteRecursively(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
