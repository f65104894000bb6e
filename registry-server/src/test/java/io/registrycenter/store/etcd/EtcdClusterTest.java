package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.registrycenter.store.Commit;
import io.registrycenter.store.Guard;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordingFollower;
import io.registrycenter.store.Store;
import io.registrycenter.store.StoreContract;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract on a real etcd of three members, and that a store which talks to the leader goes on when that goes. */
final class EtcdClusterTest extends StoreContract {

    private static final long RECOVERY_S = 60;
    private static final int COMMITS = 20;
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private static final class Shared {
        static final EtcdCluster ETCD = EtcdCluster.start(3);
    }

    enum Fault {
        KILLED {
            @Override
            void begin(EtcdMember member) {
                member.kill();
            }

            @Override
            void end(EtcdMember member) {
                member.start();
            }
        },
        PAUSED {
            @Override
            void begin(EtcdMember member) {
                member.pause();
            }

            @Override
            void end(EtcdMember member) {
                member.resume();
            }
        };

        abstract void begin(EtcdMember member);

        abstract void end(EtcdMember member);
    }

    @Override
    protected Store fresh() {
        return open(Shared.ETCD.endpoints());
    }

    @Override
    protected int load(int commits) {
        return commits / 10;
    }

    private static Store open(List<URI> endpoints) {
        return EtcdStore.open(EtcdSettings.plain(endpoints, "/cluster-" + PREFIXES.incrementAndGet() + "/"));
    }

    @ParameterizedTest
    @EnumSource
    void leaderGone_theStoreGoesOnWithTheOthers_everyAcknowledgedCommitIsToldOnce(Fault fault) {
        EtcdMember leader = Shared.ETCD.leader();
        List<URI> leaderFirst = new ArrayList<>(List.of(leader.endpoint()));
        Shared.ETCD.endpoints().stream()
                .filter(endpoint -> !endpoint.equals(leader.endpoint()))
                .forEach(leaderFirst::add);
        try (Store store = open(leaderFirst)) {
            RecordingFollower follower = new RecordingFollower();
            store.follow(0, follower);
            List<Long> acknowledged = new ArrayList<>(List.of(put(store, A, "before")));
            follower.upTo(acknowledged.getFirst());
            fault.begin(leader);
            acknowledged.addAll(commits(store, "during"));
            List<Commit> during = follower.upTo(acknowledged.getLast());
            assertThat(Shared.ETCD.leader()).isNotSameAs(leader);
            fault.end(leader);
            acknowledged.addAll(commits(store, "after"));

            List<Commit> told = follower.upTo(acknowledged.getLast());
            assertThat(told).startsWith(during.toArray(Commit[]::new));
            assertThat(told)
                    .extracting(Commit::revision)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .containsSubsequence(acknowledged);
        }
    }

    /** Commits one record after the other until enough are acknowledged; what became of the others nobody promised. */
    private static List<Long> commits(Store store, String when) {
        List<Long> acknowledged = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_S);
        for (int i = 0; acknowledged.size() < COMMITS; i++) {
            RecordKey key = new RecordKey.OfSession(when + "-" + i);
            try {
                acknowledged.add(committed(commit(store, List.of(Guard.absent(key)), put(key, when))));
            } catch (CompletionException unknown) {
                if (System.nanoTime() - deadline > 0) {
                    throw unknown;
                }
            }
        }
        return acknowledged;
    }
}
