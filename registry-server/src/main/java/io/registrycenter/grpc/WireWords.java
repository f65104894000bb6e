package io.registrycenter.grpc;

import com.google.protobuf.ByteString;
import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.Endpoint;
import io.registrycenter.catalog.Instance;
import io.registrycenter.catalog.InstanceKey;
import io.registrycenter.catalog.InstanceStatus;
import io.registrycenter.catalog.Interest;
import io.registrycenter.catalog.Refusal.InvalidInput;
import io.registrycenter.catalog.Rules;
import io.registrycenter.proto.v1.DeregisterRequest;
import io.registrycenter.proto.v1.RegisterRequest;
import io.registrycenter.proto.v1.UpdateStatusRequest;
import io.registrycenter.proto.v1.WatchRequest.FrameCase;
import io.registrycenter.registration.DeregisterCommand;
import io.registrycenter.registration.RegisterCommand;
import io.registrycenter.registration.UpdateStatusCommand;
import io.registrycenter.watch.PreviousClose;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * Wire to words: the one place on the way in. What the words cannot say is refused here with {@link InvalidInput}, which
 * names the field as in the wire contract; {@link Rules} are asked here for reads and streams, and by {@code registration} for
 * its commands. Stateless; any thread.
 */
final class WireWords {

    static final int EPOCH_CHARACTERS = 64;
    static final int MARK_BYTES = 64;
    private static final int DETAIL_CHARACTERS = 256;

    private WireWords() {}

    static RegisterCommand register(RegisterRequest wire, BooleanSupplier expired) {
        if (!wire.hasInstance()) {
            throw missing("instance");
        }
        return new RegisterCommand(
                wire.getNamespace(),
                instance(wire.getService(), wire.getInstance()),
                wire.getSessionId(),
                wire.getRequestId(),
                expired);
    }

    static DeregisterCommand deregister(DeregisterRequest wire, BooleanSupplier expired) {
        return new DeregisterCommand(
                new InstanceKey(wire.getNamespace(), wire.getService(), wire.getInstanceId()),
                wire.getSessionId(),
                wire.getRequestId(),
                wire.hasRegistration() ? cursor("registration", wire.getRegistration()) : null,
                expired);
    }

    static UpdateStatusCommand updateStatus(UpdateStatusRequest wire, BooleanSupplier expired) {
        InstanceStatus status = switch (wire.getStatus()) {
            case INSTANCE_STATUS_UP -> InstanceStatus.UP;
            case INSTANCE_STATUS_LEAVING -> InstanceStatus.LEAVING;
            case INSTANCE_STATUS_DOWN -> InstanceStatus.DOWN;
            case INSTANCE_STATUS_UNSPECIFIED, UNRECOGNIZED -> throw status("status", wire.getStatusValue());
        };
        return new UpdateStatusCommand(
                new InstanceKey(wire.getNamespace(), wire.getService(), wire.getInstanceId()),
                status,
                wire.getSessionId(),
                wire.getRequestId(),
                wire.hasRegistration() ? cursor("registration", wire.getRegistration()) : null,
                expired);
    }

    private static Instance instance(String service, io.registrycenter.proto.v1.Instance wire) {
        List<Endpoint> endpoints = new ArrayList<>(wire.getEndpointsCount());
        for (io.registrycenter.proto.v1.Endpoint endpoint : wire.getEndpointsList()) {
            endpoints.add(new Endpoint(endpoint.getName(), endpoint.getHost(), endpoint.getPort(), endpoint.getTls()));
        }
        InstanceStatus status = switch (wire.getStatus()) {
            case INSTANCE_STATUS_UNSPECIFIED, INSTANCE_STATUS_UP -> InstanceStatus.UP;
            case INSTANCE_STATUS_LEAVING -> InstanceStatus.LEAVING;
            case INSTANCE_STATUS_DOWN -> InstanceStatus.DOWN;
            case UNRECOGNIZED -> throw status("instance.status", wire.getStatusValue());
        };
        return new Instance(
                service,
                wire.getId(),
                endpoints,
                wire.getZone(),
                wire.hasWeight() ? wire.getWeight() : Instance.DEFAULT_WEIGHT,
                wire.getMetadataMap(),
                status,
                0,
                0);
    }

    /**
     * An interest that keeps its rules.
     *
     * @param field its path in the request
     * @param present whether the message was there at all
     */
    static Interest interest(String field, boolean present, io.registrycenter.proto.v1.Interest wire) {
        if (!present) {
            throw missing(field);
        }
        Interest interest = new Interest(wire.getNamespace(), wire.getService(), wire.getLabelsMap());
        Rules.interest(field, interest);
        return interest;
    }

    static String namespace(String wire) {
        Rules.namespace(wire);
        return wire;
    }

    /** A cursor of any epoch, so long as it can be one of ours at all. */
    static Cursor cursor(String field, io.registrycenter.proto.v1.Cursor wire) {
        if (wire.getEpoch().isEmpty() || wire.getEpoch().length() > EPOCH_CHARACTERS) {
            throw new InvalidInput(
                    field + ".epoch",
                    wire.getEpoch(),
                    "be the epoch of a cursor from here, 1.." + EPOCH_CHARACTERS + " characters");
        }
        long revision = notNegative(field + ".revision", wire.getRevision());
        return new Cursor(wire.getEpoch(), revision, mark(field + ".mark", wire.getMark()));
    }

    /** A mark of another length is of a server whose marks are not these: it proves nothing here. */
    private static long mark(String field, ByteString wire) {
        if (wire.size() > MARK_BYTES) {
            throw new InvalidInput(
                    field,
                    wire.size() + " bytes",
                    "be the mark of a cursor from here, at most " + MARK_BYTES + " bytes");
        }
        return wire.size() == Long.BYTES ? wire.asReadOnlyByteBuffer().getLong() : Cursor.NO_MARK;
    }

    static long notNegative(String field, long value) {
        if (value < 0) {
            throw new InvalidInput(field, Long.toString(value), "be 0 or more");
        }
        return value;
    }

    static long subscriptionId(String field, long id) {
        if (id == 0) {
            throw new InvalidInput(field, "0", "be above 0");
        }
        return id;
    }

    static ClientInfo client(String field, io.registrycenter.proto.v1.ClientInfo wire) {
        ClientInfo client = new ClientInfo(wire.getName(), wire.getVersion(), wire.getInstance());
        Rules.client(field, client);
        return client;
    }

    static Duration ttl(String field, long millis) {
        Duration ttl = Duration.ofMillis(millis);
        Rules.ttl(field, ttl);
        return ttl;
    }

    static PreviousClose previousClose(io.registrycenter.proto.v1.PreviousClose wire) {
        return new PreviousClose(
                cut(wire.getStreamId(), Rules.SHORT_TEXT_CHARACTERS),
                closeCause(wire.getCause()),
                Duration.ofMillis(notNegative("hello.previous_close.idle_ms", wire.getIdleMs())),
                cut(wire.getDetail(), DETAIL_CHARACTERS));
    }

    /** A cause this server does not know is UNKNOWN: newer clients may know more. */
    static CloseCause closeCause(io.registrycenter.proto.v1.CloseCause wire) {
        return switch (wire) {
            case CLOSE_CAUSE_UNSPECIFIED, UNRECOGNIZED -> CloseCause.UNKNOWN;
            default -> CloseCause.valueOf(wire.name().substring("CLOSE_CAUSE_".length()));
        };
    }

    /** The name of a frame as in the wire contract. */
    static String name(FrameCase frame) {
        return frame.name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }

    private static InvalidInput missing(String field) {
        return new InvalidInput(field, "", "be given");
    }

    private static InvalidInput status(String field, int value) {
        return new InvalidInput(field, Integer.toString(value), "be UP, LEAVING or DOWN");
    }
}
