package io.registrycenter.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.registrycenter.watch.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * One outgoing message made of slices that others may be sending too; handed to the transport without a copy of its own.
 *
 * <p>Confined to the event loop that sends it.
 */
final class SharedBytes extends InputStream implements KnownLength, Drainable {

    private final List<Slice> slices;

    /** The slice that is read, and how much of it was. */
    private int index;

    private int position;
    private int remaining;

    SharedBytes(List<Slice> slices) {
        this.slices = slices;
        for (int i = 0; i < slices.size(); i++) {
            remaining += slices.get(i).length();
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
            Slice slice = slices.get(index);
            int count = slice.length() - position;
            target.write(slice.bytes(), slice.offset() + position, count);
            step(slice, count);
        }
        return drained;
    }

    @Override
    public int read() {
        if (remaining == 0) {
            return -1;
        }
        Slice slice = slices.get(index);
        while (position == slice.length()) {
            step(slice, 0);
            slice = slices.get(index);
        }
        int value = slice.bytes()[slice.offset() + position] & 0xff;
        step(slice, 1);
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
            Slice slice = slices.get(index);
            int count = Math.min(slice.length() - position, length - copied);
            System.arraycopy(slice.bytes(), slice.offset() + position, target, offset + copied, count);
            copied += count;
            step(slice, count);
        }
        return copied;
    }

    private void step(Slice slice, int count) {
        position += count;
        remaining -= count;
        if (position == slice.length() && index < slices.size() - 1) {
            index++;
            position = 0;
        }
    }
}
