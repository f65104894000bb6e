package io.registrycenter.config;

import io.registrycenter.grpc.GrpcTransport;
import io.registrycenter.store.StoreException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import reactor.netty.ChannelBindException;

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

    /** The system lacks or refuses something: a library, a directory, room, an address, a name; the data is as it was. */
    public static final int ENVIRONMENT = 8;

    /** What a failure of the start means; null when it is a fault nobody foresaw. */
    static @Nullable StartFailure of(Throwable failure, Environment environment) {
        String bind = GrpcTransport.bindFailure(failure);
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
                case ChannelBindException http -> {
                    return cannotListen("HTTP", "server", reason(http), environment);
                }
                case PortInUseException port -> {
                    return portInUse("HTTP", "server.port", Integer.toString(port.getPort()));
                }
                default -> {}
            }
        }
        if (bind == null) {
            return null;
        }
        return GrpcTransport.addressInUse(failure) && foreign("spring.grpc.server", environment) == null
                ? portInUse(
                        "gRPC", "spring.grpc.server.port", environment.getProperty("spring.grpc.server.port", "9090"))
                : cannotListen("gRPC", "spring.grpc.server", bind, environment);
    }

    private static StartFailure cannotListen(String what, String prefix, String reason, Environment environment) {
        String foreign = foreign(prefix, environment);
        return new StartFailure(
                ENVIRONMENT,
                "The " + what + " port cannot be opened (" + reason + "): "
                        + (foreign == null
                                ? "set " + prefix + ".port to a port that this user may open, and " + prefix
                                        + ".address to an address of this machine."
                                : prefix + ".address is " + foreign + ", which is no address of this machine."));
    }

    /** The address that is set, when this machine does not have it; null when it does, or when that is not known. */
    private static @Nullable String foreign(String prefix, Environment environment) {
        String set = environment.getProperty(prefix + ".address", "*");
        try {
            InetAddress address = set.equals("*") ? null : InetAddress.getByName(set);
            return address == null || address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null
                    ? null
                    : set;
        } catch (UnknownHostException | SocketException notKnown) {
            return null;
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return String.valueOf(cause == null ? failure.getMessage() : cause.getMessage());
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
            case ENVIRONMENT -> ENVIRONMENT;
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
