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
    void hasRoom_letsGoOfWhatNobodyReads_oldestFirst_andNobodyGetsHoldOfItAnyMore() {
        SnapshotImage idle = image(700);
        SnapshotImage read = image(400);
        shelf.add(idle);
        shelf.add(read);
        read.hold();
        assertThat(shelf.hasRoom()).isTrue();
        assertThat(shelf.bytes()).isEqualTo(400);
        assertThat(idle.hold()).isFalse();
        assertThat(idle.parts()).as("its content is free").isEmpty();
        assertThat(read.parts()).isNotEmpty();
        shelf.letGo(idle);
        assertThat(shelf.bytes()).as("given back once").isEqualTo(400);
    }

    @Test
    void hasRoom_isFalse_whileReadersTakeAllOfIt_andLargerThanAllGoesAlone() {
        SnapshotImage large = image(5_000);
        assertThat(shelf.hasRoom()).isTrue();
        shelf.add(large);
        large.hold();
        assertThat(shelf.hasRoom()).isFalse();
        shelf.letGo(large);
        assertThat(shelf.hasRoom()).isTrue();
        assertThat(shelf.bytes()).isZero();
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
