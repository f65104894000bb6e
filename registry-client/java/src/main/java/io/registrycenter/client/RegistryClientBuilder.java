package io.registrycenter.client;

import io.registrycenter.client.internal.Clients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Collects the settings of a client. Confined to one thread. */
public final class RegistryClientBuilder {
    private final Set<String> targets = new LinkedHashSet<>();
    private String name = "java";
    private String version = "";
    private String namespace = "default";
    private boolean tls;
    private Duration readTimeout = Duration.ofSeconds(90);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration callTimeout = Duration.ofSeconds(5);
    private Duration closeTimeout = Duration.ofSeconds(5);
    private Duration resetHold = Duration.ofSeconds(60);
    private Duration sessionTtl = Duration.ZERO;
    private @Nullable Path cacheDirectory;
    private @Nullable LinkListener linkListener;
    private @Nullable Executor executor;

    RegistryClientBuilder() {}

    /**
     * Servers, as {@code host:port} or {@code dns:///name:port}; given again, more of them. At least one. A host is a name, an
     * IPv4 address, or an IPv6 address in brackets; a port that is left out is 9090. {@link #build} refuses what is neither.
     */
    public RegistryClientBuilder target(String... more) {
        targets.addAll(List.of(more));
        return this;
    }

    /** Name of the application, shown to operators; at most 64 characters. */
    public RegistryClientBuilder name(String newName) {
        name = newName;
        return this;
    }

    /** Version of the application, shown to operators; at most 64 characters. */
    public RegistryClientBuilder version(String newVersion) {
        version = newVersion;
        return this;
    }

    /** Namespace used where none is said; default {@code default}. */
    public RegistryClientBuilder namespace(String newNamespace) {
        namespace = newNamespace;
        return this;
    }

    /** Speaks TLS, trusting what the Java platform trusts; default plain text. */
    public RegistryClientBuilder tls(boolean newTls) {
        tls = newTls;
        return this;
    }

    /** No frame on the watch stream for this long ends it, and another is made; default 90 s. */
    public RegistryClientBuilder readTimeout(Duration newReadTimeout) {
        readTimeout = newReadTimeout;
        return this;
    }

    /** An attempt without a first frame for this long has failed; default 10 s. */
    public RegistryClientBuilder connectTimeout(Duration newConnectTimeout) {
        connectTimeout = newConnectTimeout;
        return this;
    }

    /** Deadline of every unary call; default 5 s. */
    public RegistryClientBuilder callTimeout(Duration newCallTimeout) {
        callTimeout = newCallTimeout;
        return this;
    }

    /** How long {@code close} waits for the registry; default 5 s. */
    public RegistryClientBuilder closeTimeout(Duration newCloseTimeout) {
        closeTimeout = newCloseTimeout;
        return this;
    }

    /** How long instances are kept that a registry with another history does not have; default 60 s, zero: not at all. */
    public RegistryClientBuilder resetHold(Duration newResetHold) {
        resetHold = newResetHold;
        return this;
    }

    /** How long this provider may be silent before it is taken for dead, 5 s..10 min; default: the server's. */
    public RegistryClientBuilder sessionTtl(Duration newSessionTtl) {
        sessionTtl = newSessionTtl;
        return this;
    }

    /**
     * Remembers the views of all watches in this directory, one file for each namespace, so that a program that starts while
     * no registry can be reached has its last view: stale, with its true age, and told to the listener as
     * {@link SnapshotReason#CACHED}. The first watch of a namespace reads the file on the caller's thread; writing is done
     * elsewhere. The directory is made when it is not there, and belongs to one client at a time. Default: nothing is
     * remembered.
     */
    public RegistryClientBuilder cacheDirectory(Path newCacheDirectory) {
        cacheDirectory = newCacheDirectory;
        return this;
    }

    /** Told about the client's streams. */
    public RegistryClientBuilder onLink(LinkListener newLinkListener) {
        linkListener = newLinkListener;
        return this;
    }

    /**
     * Calls the user's listeners, each one at a time; stays the user's. It may call them on the thread that hands it the task, which
     * is never one that the client works with. A task that it refuses, or drops, is handed to it again after 1 s, 2 s, and so on up
     * to each 30 s, until one has run; each call is made once and in order. Stages do not need it. Default: daemon threads of the
     * client, 16 and one more for each that a listener holds, up to 1,024.
     */
    public RegistryClientBuilder executor(Executor newExecutor) {
        executor = newExecutor;
        return this;
    }

    /**
     * Makes the client; nothing is connected before it is used.
     *
     * @throws IllegalArgumentException when a setting breaks its rule; the message names it
     */
    public RegistryClient build() {
        ClientSettings settings = new ClientSettings(
                List.copyOf(targets),
                name,
                version,
                namespace,
                tls,
                readTimeout,
                connectTimeout,
                callTimeout,
                closeTimeout,
                resetHold,
                sessionTtl,
                cacheDirectory);
        return Clients.open(settings, linkListener, executor);
    }
}
