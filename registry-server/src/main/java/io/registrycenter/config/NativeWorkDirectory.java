package io.registrycenter.config;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Where native libraries are unpacked: the temp directory, or {@code native} in the data directory when the former cannot hold
 * programs, being missing, read-only or mounted noexec. Decided before any library is asked for; what is set already stays.
 */
final class NativeWorkDirectory implements EnvironmentPostProcessor, Ordered {

    /** Of SQLite's driver, and of Netty for HTTP and for gRPC. */
    static final List<String> PROPERTIES =
            List.of("org.sqlite.tmpdir", "io.netty.native.workdir", "io.grpc.netty.shaded.io.netty.native.workdir");

    private final Log log;

    NativeWorkDirectory(DeferredLogFactory logs) {
        log = logs.getLog(NativeWorkDirectory.class);
    }

    /** When the settings are known. */
    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Path temp = Path.of(System.getProperty("java.io.tmpdir"));
        String unfit = unfit(temp);
        List<String> unset = PROPERTIES.stream()
                .filter(property -> System.getProperty(property) == null)
                .toList();
        if (unfit == null || unset.isEmpty()) {
            return;
        }
        Path fallback = Path.of(environment.getProperty("registry.data-dir", "registry-data"), "native")
                .toAbsolutePath();
        String fallbackUnfit = made(fallback);
        if (fallbackUnfit == null) {
            unset.forEach(property -> System.setProperty(property, fallback.toString()));
            log.warn("Native libraries cannot be loaded from " + temp + " (" + unfit + "): they are unpacked to "
                    + fallback + ". Another place is named with -Djava.io.tmpdir=...");
        } else {
            log.warn("Native libraries cannot be loaded from " + temp + " (" + unfit + "), nor from " + fallback + " ("
                    + fallbackUnfit + "): name a directory that is writable and not mounted noexec with"
                    + " -Djava.io.tmpdir=...");
        }
    }

    private static @Nullable String made(Path directory) {
        try {
            Files.createDirectories(directory, ownerOnly());
            return unfit(directory);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Why a directory cannot hold programs; null when it can. The system says that no file of a noexec mount is executable. */
    static @Nullable String unfit(Path directory) {
        try {
            Path probe = Files.createTempFile(directory, "registry-", ".probe", ownerOnly());
            try {
                return Files.isExecutable(probe) ? null : "it is mounted noexec";
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
