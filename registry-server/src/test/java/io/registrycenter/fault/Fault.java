package io.registrycenter.fault;

import io.registrycenter.catalog.CloseCause;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** What can happen to a connection, and what the server may call it. */
enum Fault {
    RESET {
        @Override
        void happen(RelayLink link, Random random) {
            link.reset();
        }
    },
    FINISH {
        @Override
        void happen(RelayLink link, Random random) {
            link.finish();
        }
    },
    RESET_WITHIN_A_FRAME {
        @Override
        void happen(RelayLink link, Random random) {
            link.resetAfter(anyWay(random), 1 + random.nextInt(30));
        }
    },
    FINISH_WITHIN_A_FRAME {
        @Override
        void happen(RelayLink link, Random random) {
            link.finishAfter(anyWay(random), 1 + random.nextInt(30));
        }
    },
    /** Bytes are on the way and nobody acknowledges heartbeats: one of the two clocks is first, as the data stands. */
    STOP_READING {
        @Override
        void happen(RelayLink link, Random random) {
            link.stopReading();
        }
    },
    BLACKHOLE_TO_SERVER {
        @Override
        void happen(RelayLink link, Random random) {
            link.blackhole(RelayLink.Way.TO_SERVER);
        }
    },
    BLACKHOLE_TO_CLIENT {
        @Override
        void happen(RelayLink link, Random random) {
            link.blackhole(RelayLink.Way.TO_CLIENT);
        }
    },
    /** 1 KiB a second carries heartbeats or not, as the data stands; when it does, the test's own end is a reset. */
    THROTTLE {
        @Override
        void happen(RelayLink link, Random random) {
            link.throttle(RelayLink.Way.TO_CLIENT);
        }
    };

    /** Any of these is a correct answer. */
    Set<CloseCause> causes() {
        return switch (this) {
            case RESET, RESET_WITHIN_A_FRAME -> EnumSet.of(CloseCause.PEER_RESET);
            case FINISH, FINISH_WITHIN_A_FRAME -> EnumSet.of(CloseCause.PEER_EOF);
            case BLACKHOLE_TO_SERVER, BLACKHOLE_TO_CLIENT -> EnumSet.of(CloseCause.HEARTBEAT_TIMEOUT);
            case STOP_READING -> EnumSet.of(CloseCause.HEARTBEAT_TIMEOUT, CloseCause.SLOW_CONSUMER);
            case THROTTLE -> EnumSet.of(CloseCause.HEARTBEAT_TIMEOUT, CloseCause.SLOW_CONSUMER, CloseCause.PEER_RESET);
        };
    }

    /** Whether the connection is gone at once, without a clock of the server. */
    boolean cuts() {
        return switch (this) {
            case RESET, FINISH, RESET_WITHIN_A_FRAME, FINISH_WITHIN_A_FRAME -> true;
            case STOP_READING, BLACKHOLE_TO_SERVER, BLACKHOLE_TO_CLIENT, THROTTLE -> false;
        };
    }

    private static RelayLink.Way anyWay(Random random) {
        return random.nextBoolean() ? RelayLink.Way.TO_SERVER : RelayLink.Way.TO_CLIENT;
    }

    abstract void happen(RelayLink link, Random random);
}
