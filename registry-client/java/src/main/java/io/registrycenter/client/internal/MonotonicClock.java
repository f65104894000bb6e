package io.registrycenter.client.internal;

import io.registrycenter.client.internal.link.Serial;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The client's monotonic time in the shape a library asks for; its instants mean nothing but their distance. Any thread. */
final class MonotonicClock extends Clock {

    private final Serial serial;

    MonotonicClock(Serial serial) {
        this.serial = serial;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(serial.nanoTime());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
