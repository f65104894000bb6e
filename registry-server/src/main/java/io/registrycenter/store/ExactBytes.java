package io.registrycenter.store;

import java.io.OutputStream;
import java.util.Arrays;

/** Takes what a generator writes. A generator writes once, when it closes, unless it wrote more than its buffer: so one copy of the exact size is the rule. */
final class ExactBytes extends OutputStream {

    private byte[] bytes = new byte[0];

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        int start = bytes.length;
        bytes = Arrays.copyOf(bytes, start + length);
        System.arraycopy(source, offset, bytes, start, length);
    }

    byte[] take() {
        return bytes;
    }
}
