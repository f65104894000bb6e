package io.registrycenter.config;

import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/**
 * Why the server did not start, for the person who started it.
 *
 * @param exitCode of the process, see the constants
 * @param sentence says what is wrong and what to do
 */
public record StartFailure(int exitCode, String sentence) {

    /** A fault that is not known here; it is logged with its stack. */
    public static final int UNKNOWN = 1;
    /** A setting is not understood, or breaks a rule. */
    public static final int SETTINGS = 2;
    /** The data directory is in use by another process. */
    public static final int DATA_LOCKED = 3;
    /** The data is damaged, or not ours; nothing was overwritten. */
    public static final int DATA_CORRUPT = 4;
    /** A port is in use. */
    public static final int PORT_IN_USE = 5;
    /** The store failed, or did not get ready in time. */
    public static final int STORE_UNAVAILABLE = 6;

    /** There is something where an operation of the store was to put something; nothing was changed. */
    public static final int OCCUPIED = 7;

    /** What a failure of the start means; null when it is a fault nobody foresaw. */
    static @Nullable StartFailure of(Throwable failure, Environment environment) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SettingRefused refused -> {
                    return new StartFailure(SETTINGS, String.valueOf(refused.getMessage()));
                }
                case BindException unbound -> {
                    return new StartFailure(SETTINGS, unbound(unbound));
                }
                case StoreException store -> {
                    return new StartFailure(exitCode(store.kind()), sentence(String.valueOf(store.getMessage())));
                }
                case PortInUseException port -> {
                    return portInUse("HTTP", "server.port", Integer.toString(port.getPort()));
                }
                default -> {}
            }
        }
        return GrpcTransport.addressInUse(failure)
                ? portInUse(
                        "gRPC", "spring.grpc.server.port", environment.getProperty("spring.grpc.server.port", "9090"))
                : null;
    }

    /** What the process ends with after this failure. */
    public static int exitCode(Throwable failure) {
        StartFailure known = of(failure, new StandardEnvironment());
        return known == null ? UNKNOWN : known.exitCode();
    }

    private static int exitCode(StoreException.Kind kind) {
        return switch (kind) {
            case LOCKED -> DATA_LOCKED;
            case CORRUPT -> DATA_CORRUPT;
            case OCCUPIED -> OCCUPIED;
            case UNAVAILABLE, OVERLOADED, UNWANTED, COMPACTED -> STORE_UNAVAILABLE;
        };
    }

    private static StartFailure portInUse(String what, String property, String port) {
        return new StartFailure(
                PORT_IN_USE,
                "Another process listens on the " + what + " port " + port + ": stop it, or set " + property
                        + " to a free port.");
    }

    private static String unbound(BindException failure) {
        return failure.getProperty() == null
                ? failure.getName() + " is not understood as " + failure.getTarget() + "."
                : failure.getProperty().getName() + " is \""
                        + failure.getProperty().getValue()
                        + "\", which is not understood as "
                        + failure.getTarget().getType().resolve(Object.class).getSimpleName() + ".";
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }
}
