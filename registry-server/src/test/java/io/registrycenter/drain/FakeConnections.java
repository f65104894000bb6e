package io.registrycenter.drain;

import io.registrycenter.catalog.CloseCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Connections that note what is done to them, and when; how their clients react is up to the test. */
public final class FakeConnections implements Connections {

    private final List<One> open = new ArrayList<>();
    private final LongSupplier nanoTime;
    private final List<Gate> gates = new ArrayList<>();
    private long sentAway;
    private Duration lastRetryWithin = Duration.ZERO;

    public FakeConnections(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Opens one. */
    One connect(String peer, int streams, Client client) {
        One one = new One(peer, streams, client);
        open.add(one);
        return one;
    }

    /** In the order in which they were set. */
    List<Gate> gates() {
        return gates;
    }

    /** What those who are refused now are told. */
    Duration retryWithin() {
        return lastRetryWithin;
    }

    @Override
    public void gate(Gate gate, Duration retryWithin) {
        gates.add(gate);
        lastRetryWithin = retryWithin;
    }

    @Override
    public List<One> open() {
        return List.copyOf(open);
    }

    @Override
    public long sentAway() {
        return sentAway;
    }

    /** How the other end behaves. */
    enum Client {
        /** Takes its ends at once. */
        READING,
        /** Takes nothing: only a reset ends its streams. */
        STALLED
    }

    /** One connection; times are nanoseconds of the clock of the test. */
    final class One implements Connection {
        private final String peer;
        private final Client client;
        private int streams;

        @Nullable
        Duration reconnectAfter;

        @Nullable
        Long awayAtNanos;

        int endedInPeace;
        int forced;

        private One(String peer, int streams, Client client) {
            this.peer = peer;
            this.streams = streams;
            this.client = client;
        }

        /** The client has moved: its streams here are gone, and the connection with them. */
        void moved() {
            streams = 0;
            open.remove(this);
        }

        @Override
        public String peer() {
            return peer;
        }

        @Override
        public int streams() {
            return streams;
        }

        @Override
        public void ask(CloseCause cause, Duration deadline, Duration after) {
            reconnectAfter = after;
        }

        @Override
        public void sendAway(String message, Duration retryAfter) {
            if (awayAtNanos != null) {
                return;
            }
            awayAtNanos = nanoTime.getAsLong();
            sentAway++;
            if (client == Client.READING) {
                endedInPeace = streams;
                moved();
            }
        }

        @Override
        public void force(String message, Duration retryAfter) {
            forced += streams;
            moved();
        }
    }
}
