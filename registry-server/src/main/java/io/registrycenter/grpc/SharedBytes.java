package io.registrycenter.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * One outgoing message made of arrays that others may be sending too; handed to the transport without a copy of its own.
 *
 * <p>Confined to the event loop that sends it.
 */
final class SharedBytes extends InputStream implements KnownLength, Drainable {

    private final List<byte[]> segments;
    private int segment;
    private int position;
    private int remaining;

    SharedBytes(List<byte[]> segments) {
        this.segments = segments;
        for (byte[] bytes : segments) {
            remaining += bytes.length;
        }
    }

    @Override
    public int available() {
        return remaining;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int drained = remaining;
        while (remaining > 0) {
            byte[] bytes = segments.get(segment);
            int count = bytes.length - position;
            target.write(bytes, position, count);
            step(count);
        }
        return drained;
    }

    @Override
    public int read() {
        if (remaining == 0) {
            return -1;
        }
        while (position == segments.get(segment).length) {
            step(0);
        }
        int value = segments.get(segment)[position] & 0xff;
        step(1);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        int copied = 0;
        while (copied < length && remaining > 0) {
            byte[] bytes = segments.get(segment);
            int count = Math.min(bytes.length - position, length - copied);
            System.arraycopy(bytes, position, target, offset + copied, count);
            copied += count;
            step(count);
        }
        return copied;
    }

    private void step(int count) {
        position += count;
        remaining -= count;
        if (position == segments.get(segment).length && segment < segments.size() - 1) {
            segment++;
            position = 0;
        }
    }
}
