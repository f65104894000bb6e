package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.registrycenter.Proof;
import io.registrycenter.catalog.RemovalReason;
import io.registrycenter.store.Guard;
import io.registrycenter.store.Judgement;
import io.registrycenter.store.Mutation;
import io.registrycenter.store.Outcome;
import io.registrycenter.store.Presence;
import io.registrycenter.store.RecordKey;
import io.registrycenter.store.RecordValue;
import io.registrycenter.store.RecordValue.NodeRecord;
import io.registrycenter.store.Store;
import io.registrycenter.store.Transaction;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.PutRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several servers on one real etcd, and what happens to them when members of etcd or they themselves go. */
final class EtcdServersTest {

    private static final long DEADLINE_S = 20;
    private static final RecordKey NODE_A = new RecordKey.OfNode("a:1");
    private static final RecordKey NODE_B = new RecordKey.OfNode("b:2");
    private static final RecordKey KEY = new RecordKey.OfSession("k");

    private static RecordValue value(String text) {
        return new RecordValue.Tombstone(RemovalReason.ADMIN, text, "");
    }

    private static Outcome commit(Store store, List<Guard> guards, Mutation mutation) {
        return get(store.commit(new Transaction(guards, List.of(mutation))));
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
    }

    @Test
    void announce_twoServers_seeEachOther_andTheOldestIsOne() throws InterruptedException {
        EtcdSettings settings = TestEtcd.anew();
        try (Store a = EtcdStore.open(settings);
                Store b = EtcdStore.open(settings)) {
            ToldAsText told = new ToldAsText();
            b.follow(0, told);
            Presence first = a.announce("a:1", new NodeRecord("", false));
            Presence second = b.announce("b:2", new NodeRecord("", false));
            told.await("put n/a:1");
            told.await("put n/b:2");
            assertThat(first.state()).isEqualTo(Presence.State.PRESENT);
            assertThat(first.oldest()).isTrue();
            assertThat(second.oldest()).isFalse();

            Mutation change = new Mutation(KEY, value("reaped"));
            assertThat(commit(b, List.of(Guard.absent(NODE_A)), change)).isInstanceOf(Outcome.Conflict.class);
            first.close();
            told.await("deleted n/a:1");
            assertThat(first.state()).isEqualTo(Presence.State.WITHDRAWN);
            assertThat(commit(b, List.of(Guard.absent(NODE_A)), change)).isInstanceOf(Outcome.Committed.class);
            assertThat(second.oldest()).isTrue();
        }
    }

    @Test
    void announced_keyVanishes_isMadeAgain() throws InterruptedException {
        try (Store store = EtcdStore.open(TestEtcd.anew())) {
            ToldAsText told = new ToldAsText();
            store.follow(0, told);
            store.announce("b:2", new NodeRecord("", false));
            told.await("put n/b:2");
            commit(store, List.of(), new Mutation(NODE_B, null));
            told.await("deleted n/b:2");
            told.await("put n/b:2");
        }
    }

    @Test
    void announced_draining_isShown_andIsNoLongerTheOldest() throws InterruptedException {
        EtcdSettings settings = TestEtcd.anew();
        try (Store a = EtcdStore.open(settings);
                Store b = EtcdStore.open(settings)) {
            ToldAsText told = new ToldAsText();
            b.follow(0, told);
            Presence first = a.announce("a:1", new NodeRecord("", false));
            Presence second = b.announce("b:2", new NodeRecord("", false));
            told.await("put n/b:2");
            first.draining(true);
            told.await("put n/a:1");
            assertThat(second.oldest()).isTrue();
        }
    }

    @Test
    void provenHead_knowsWhatOthersWrote_andMovesAnIdleFollower() throws InterruptedException {
        EtcdSettings settings = TestEtcd.anew();
        try (Store a = EtcdStore.open(settings);
                Store b = EtcdStore.open(settings)) {
            ToldAsText told = new ToldAsText();
            b.follow(0, told);
            commit(a, List.of(), new Mutation(KEY, value("1")));
            long written = a.head();
            long proven = get(b.provenHead());
            assertThat(proven).isGreaterThan(written);
            told.await("put s/k");
            told.await("passed " + proven);
        }
    }

    @Test
    void silence_followerIsToldThatItIsCutOff_andThatItIsBack() throws InterruptedException {
        try (EtcdStore store = EtcdStore.open(TestEtcd.anew())) {
            ToldAsText told = new ToldAsText();
            EtcdFollowing following = (EtcdFollowing) store.follow(0, told);
            commit(store, List.of(), new Mutation(KEY, value("1")));
            told.await("put s/k");
            following.silent(Duration.ofSeconds(13));
            told.await("cut off");
            get(store.provenHead());
            told.await("rejoined");
        }
    }

    @Test
    void compact_byOneServer_isKnownToTheOther() throws InterruptedException {
        EtcdSettings settings = TestEtcd.anew();
        try (Store a = EtcdStore.open(settings);
                Store b = EtcdStore.open(settings)) {
            ToldAsText told = new ToldAsText();
            b.follow(0, told);
            commit(a, List.of(), new Mutation(KEY, value("1")));
            told.await("put s/k");
            long floor = get(a.compact(a.head()));
            told.await("passed " + get(b.provenHead()));
            assertThat(b.floor()).isEqualTo(floor);
            ToldAsText late = new ToldAsText();
            b.follow(floor - 1, late);
            late.await("compacted");
        }
    }

    @Test
    void keyThatIsNoRecord_isLeftAlone_alsoByWhoOpensLater() throws InterruptedException {
        EtcdSettings settings = TestEtcd.anew();
        try (Store store = EtcdStore.open(settings)) {
            ToldAsText told = new ToldAsText();
            store.follow(0, told);
            putByHand(settings, "i/by-hand");
            putByHand(settings, "x/by-hand");
            commit(store, List.of(), new Mutation(KEY, value("1")));
            assertThat(told.await("put s/k")).noneMatch(word -> word.startsWith("lost"));
        }
        try (Store store = EtcdStore.open(settings)) {
            assertThat(store.read(store.head())).hasSize(1);
        }
    }

    private static void putByHand(EtcdSettings settings, String path) {
        var etcd = settings.endpoints().getFirst();
        ManagedChannel channel = NettyChannelBuilder.forAddress(etcd.getHost(), etcd.getPort())
                .usePlaintext()
                .build();
        try {
            PutRequest put = PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(settings.prefix() + path))
                    .setValue(ByteString.copyFromUtf8("no record"))
                    .build();
            assertThat(KVGrpc.newBlockingStub(channel).put(put).hasHeader()).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void newEpoch_byAnotherServer_losesTheRunningOnes() throws InterruptedException {
        EtcdSettings old = TestEtcd.anew();
        try (Store running = EtcdStore.open(old)) {
            ToldAsText told = new ToldAsText();
            running.follow(0, told);
            EtcdSettings anew = new EtcdSettings(
                    old.endpoints(),
                    old.prefix(),
                    "",
                    "",
                    null,
                    null,
                    null,
                    old.requestTimeout(),
                    old.leaseTtl(),
                    old.waitingBytes(),
                    true);
            try (Store other = EtcdStore.open(anew)) {
                assertThat(other.epoch()).isNotEqualTo(running.epoch());
                told.await("lost: the history in etcd was given a new epoch while this server ran: restart it");
            }
        }
    }

    @Test
    void manyServersOnOneRecord_everyCommitIsJudgedUntilItGetsThrough() {
        EtcdSettings settings = TestEtcd.anew();
        try (Store a = EtcdStore.open(settings);
                Store b = EtcdStore.open(settings)) {
            List<CompletableFuture<Outcome>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Mutation mine = new Mutation(KEY, value("v" + i));
                Judgement again = current -> {
                    var stands = current.get(KEY);
                    return new Transaction(
                            List.of(new Guard(KEY, stands == null ? 0 : stands.revision())), List.of(mine));
                };
                answers.add(
                        (i % 2 == 0 ? a : b).commit(new Transaction(List.of(Guard.absent(KEY)), List.of(mine)), again));
            }
            List<Outcome> outcomes = answers.stream().map(EtcdServersTest::get).toList();
            assertThat(outcomes).allMatch(Outcome.Committed.class::isInstance).doesNotHaveDuplicates();
        }
    }

    @Test
    void membersKilledAndPaused_oneAfterTheOther_nothingAcknowledgedIsLostOrToldTwice() throws InterruptedException {
        try (EtcdCluster etcd = EtcdCluster.start(3);
                Store store = EtcdStore.open(EtcdSettings.plain(etcd.endpoints(), "/faults/"))) {
            ToldAsText told = new ToldAsText();
            store.follow(0, told);
            List<String> acknowledged = new ArrayList<>();
            int rounds = Proof.times(2, 12);
            for (int round = 0; round < rounds; round++) {
                EtcdMember member = etcd.member(round % 3);
                if (round % 2 == 0) {
                    member.kill();
                } else {
                    member.pause();
                }
                commitMany(store, round, acknowledged);
                if (round % 2 == 0) {
                    member.start();
                } else {
                    member.resume();
                }
            }
            List<String> before = told.await("passed " + provenHead(store));
            List<String> puts =
                    before.stream().filter(word -> word.startsWith("put ")).toList();
            assertThat(puts).doesNotHaveDuplicates().containsSubsequence(acknowledged);
            assertThat(acknowledged).hasSizeGreaterThan(rounds * 10);
        }
    }

    private static void commitMany(Store store, int round, List<String> acknowledged) {
        for (int i = 0; i < 20; i++) {
            RecordKey key = new RecordKey.OfSession(round + "-" + i);
            try {
                commit(store, List.of(Guard.absent(key)), new Mutation(key, value("x")));
                acknowledged.add("put " + key.path());
            } catch (CompletionException unknown) {
                // A member that was killed or paused may have taken it along: nobody promised.
            }
        }
    }

    private static long provenHead(Store store) {
        for (int tries = 0; ; tries++) {
            try {
                return get(store.provenHead());
            } catch (CompletionException electing) {
                if (tries == 5) {
                    throw electing;
                }
            }
        }
    }
}
