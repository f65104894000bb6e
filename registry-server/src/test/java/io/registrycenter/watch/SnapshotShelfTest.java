package io.registrycenter.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotShelfTest {

    private final SnapshotShelf shelf = new SnapshotShelf(1_000);

    private static SnapshotImage image(int bytes) {
        return new SnapshotImage(1, List.of(new Encoding.Part(new byte[bytes], 1)), 1, 0);
    }

    @Test
    void letGo_byTheLastHolder_givesTheBytesBack() {
        SnapshotImage image = image(400);
        shelf.add(image);
        image.hold();
        shelf.letGo(image);
        assertThat(shelf.bytes()).as("a reader still has it").isEqualTo(400);
        shelf.letGo(image);
        assertThat(shelf.bytes()).isZero();
    }

    @Test
    void add_aboveTheBudget_dropsTheOldestThatWasSuperseded() {
        SnapshotImage oldest = image(600);
        SnapshotImage newest = image(600);
        shelf.add(oldest);
        oldest.supersede();
        shelf.add(newest);
        assertThat(oldest.dropped()).isTrue();
        assertThat(newest.dropped()).isFalse();
        assertThat(shelf.bytes()).isEqualTo(600);
        assertThat(shelf.dropped()).isEqualTo(1);
        shelf.letGo(oldest);
        assertThat(shelf.bytes()).as("given back once").isEqualTo(600);
    }

    @Test
    void add_newestImagesOfSeveralInterests_neverPushEachOtherOut() {
        SnapshotImage orders = image(5_000);
        SnapshotImage carts = image(5_000);
        shelf.add(orders);
        shelf.add(carts);
        assertThat(orders.dropped()).isFalse();
        assertThat(carts.dropped()).isFalse();
    }
}
