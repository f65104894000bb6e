package io.registrycenter.watch;

/** Some bytes of an array that others read too. Never modified where the slice is. */
public record Slice(byte[] bytes, int offset, int length) {

    public static Slice of(byte[] whole) {
        return new Slice(whole, 0, whole.length);
    }
}
