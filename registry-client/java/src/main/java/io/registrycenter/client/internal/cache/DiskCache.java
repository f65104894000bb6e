package io.registrycenter.client.internal.cache;

import io.registrycenter.client.Interest;
import io.registrycenter.client.internal.link.Serial;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One file for each namespace in a directory. The threads are those of {@link ViewCache}. */
public final class DiskCache implements ViewCache {

    private final CacheFiles files;
    private final Serial serial;
    private final Executor disk;
    private final ConcurrentHashMap<String, NamespaceCache> namespaces = new ConcurrentHashMap<>();

    /**
     * Nothing is read yet.
     *
     * @param disk writes one after the other; may block
     */
    public DiskCache(Path directory, Serial serial, Executor disk) {
        this.files = new CacheFiles(directory);
        this.serial = serial;
        this.disk = disk;
    }

    @Override
    public @Nullable CachedView former(Interest interest) {
        return of(interest).former(interest);
    }

    @Override
    public void opened(Source source) {
        of(source.interest()).opened(source);
    }

    @Override
    public void moved(Source source, boolean changed) {
        of(source.interest()).moved(changed);
    }

    @Override
    public void closed(Source source) {
        of(source.interest()).closed(source);
    }

    @Override
    public void flush() {
        namespaces.values().forEach(NamespaceCache::flush);
    }

    private NamespaceCache of(Interest interest) {
        return namespaces.computeIfAbsent(
                interest.namespace(), namespace -> new NamespaceCache(namespace, files, serial, disk));
    }
}
