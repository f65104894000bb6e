package io.registrycenter.client.internal.cache;

import io.registrycenter.client.Interest;
import org.jspecify.annotations.Nullable;

/** Where views outlive their process. */
public interface ViewCache {

    /** Remembers nothing. */
    ViewCache NONE = new ViewCache() {
        @Override
        public @Nullable CachedView former(Interest interest) {
            return null;
        }

        @Override
        public void opened(Source source) {
            // Nobody will ask.
        }

        @Override
        public void moved(Source source, boolean changed) {
            // Nobody will ask.
        }

        @Override
        public void closed(Source source) {
            // Nobody will ask.
        }

        @Override
        public void flush() {
            // Nothing waits.
        }
    };

    /** A view that goes on. Any thread. */
    interface Source {
        Interest interest();

        /** The view as it is now; null before there is one. */
        @Nullable
        CachedView lastKnown();
    }

    /** What is remembered of an interest; may read a file. Any thread. */
    @Nullable
    CachedView former(Interest interest);

    /** The source is to be remembered from now on. Any thread. */
    void opened(Source source);

    /**
     * The source's view is newer than it was. Serial executor; returns at once.
     *
     * @param changed whether it is another one, or the same at a later cursor
     */
    void moved(Source source, boolean changed);

    /** The source moves no more; what it knew last stays remembered. Serial executor. */
    void closed(Source source);

    /** Writes what waits, now; nothing moves any more. Serial executor; returns at once. */
    void flush();
}
