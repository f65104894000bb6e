package io.registrycenter.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class InMemoryStoreTest extends StoreContract {

    @Override
    protected Store fresh() {
        return new InMemoryStore();
    }

    @Test
    void commit_revisions_skipNumbers() {
        try (InMemoryStore store = new InMemoryStore()) {
            assertThat(put(store, A, "1")).isGreaterThan(1);
            assertThat(put(store, A, "2") - store.read(store.head()).size()).isGreaterThan(2);
        }
    }

    @Test
    void holdCommits_untilReleased_nothingIsAnsweredOrChanged() {
        try (InMemoryStore store = new InMemoryStore()) {
            store.holdCommits();
            CompletableFuture<Outcome> answer = store.commit(new Transaction(List.of(), List.of(put(A, "1"))));
            assertThat(answer).isNotDone();
            assertThat(store.heldCommits()).isEqualTo(1);
            assertThat(store.record(A)).isNull();
            store.releaseCommits();
            assertThat(answer).isCompleted();
            assertThat(store.record(A)).isNotNull();
        }
    }

    @Test
    void failCommits_untilReleased_areUnavailable() {
        try (InMemoryStore store = new InMemoryStore()) {
            store.failCommits();
            assertThat(kind(store.commit(new Transaction(List.of(), List.of(put(A, "1"))))))
                    .isEqualTo(StoreException.Kind.UNAVAILABLE);
            store.releaseCommits();
            assertThat(store.record(A)).isNull();
            put(store, A, "2");
        }
    }

    @Test
    void loseAnswers_nextCommit_isCarriedOutAndUnavailable() {
        try (InMemoryStore store = new InMemoryStore()) {
            store.loseAnswers(1);
            assertThat(kind(store.commit(new Transaction(List.of(), List.of(put(A, "1"))))))
                    .isEqualTo(StoreException.Kind.UNAVAILABLE);
            assertThat(store.record(A)).isNotNull();
            put(store, A, "2");
        }
    }

    @Test
    void pauseDelivery_untilResumed_followersGetNothing() {
        try (InMemoryStore store = new InMemoryStore()) {
            RecordingFollower follower = new RecordingFollower();
            store.follow(0, follower);
            store.pauseDelivery();
            put(store, A, "1");
            assertThat(follower.commits()).isEmpty();
            store.resumeDelivery();
            assertThat(follower.commits()).hasSize(1);
        }
    }

    @Test
    void loseFollowers_everyone_isTold() {
        try (InMemoryStore store = new InMemoryStore()) {
            RecordingFollower follower = new RecordingFollower();
            store.follow(0, follower);
            assertThat(store.followings()).isEqualTo(1);
            store.loseFollowers(new IllegalStateException("gone"));
            assertThat(follower.lost()).hasMessage("gone");
            assertThat(store.followings()).isZero();
        }
    }
}
